import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

/** What newcomers are told of where things are, held against where they are. */
const root = join(import.meta.dirname, '..');

interface Row {
  what: string;
  where: string;
  example: string;
}

function mapIn(page: string): Row[] {
  return [...page.matchAll(/^\| ([^|`]+) \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(
    ([, what = '', where = '', example = '']) => ({ what, where, example }),
  );
}

/** What is wrong with a row: its home must be there, and its example in it. */
function problemsOf({ what, where, example }: Row): string[] {
  const homes = globSync(where.replace('<name>', '*'), { cwd: root });
  const inside = homes.some((home) => example === home || example.startsWith(`${home}/`));
  return [
    ...(homes.length === 0 ? [`${what}: there is no ${where}`] : []),
    ...(existsSync(join(root, example)) ? [] : [`${what}: there is no ${example}`]),
    ...(homes.length > 0 && !inside ? [`${what}: ${example} is not in ${where}`] : []),
  ];
}

describe('the map in CONTRIBUTING.md', () => {
  const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const rows = mapIn(page.slice(page.indexOf('## Where does it go?'), page.indexOf('## A new service')));

  test('gives each sentence one home that is there, with an example in it', () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
    expect(rows.flatMap(problemsOf)).toEqual([]);
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
  });

  test('names nothing in "A new service" that the smallest service does not have', () => {
    const steps = page.slice(page.indexOf('## A new service'), page.indexOf('## What the tests'));
    const named = [...steps.matchAll(/`([\w.<>…/-]+\/[\w.<>…/-]*|[\w.-]+\.(?:json|ts|sql))`/g)].map(
      ([, path = '']) => path,
    );
    const places = named.map((path) => path.replaceAll('<name>', 'user').replace('…', '*').replace(/\/$/, ''));
    expect(named.length).toBeGreaterThan(15);
    expect(places.filter((path) => globSync([path, `services/user/${path}`], { cwd: root }).length === 0)).toEqual([]);
  });

  test.each<Row>([
    { what: 'no such home', where: 'services/<name>/src/helpers', example: 'services/user/src/main.ts' },
    { what: 'no such example', where: 'services/<name>/src/store', example: 'services/user/src/store/nothing.ts' },
    { what: 'an example elsewhere', where: 'services/<name>/src/store', example: 'services/user/src/main.ts' },
  ])('finds a planted violation: $what', (row) => {
    expect(problemsOf(row)).toHaveLength(1);
  });
});
