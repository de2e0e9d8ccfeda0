import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { expect, test } from 'vitest';

interface Package {
  workspaces?: string[];
  scripts?: Record<string, string>;
}

const packageIn = (folder: string): Package =>
  JSON.parse(readFileSync(join(checkoutRoot, folder, 'package.json'), 'utf8')) as Package;

/** `make test` looks at all types in one piece: tests/run-all.ts. */
test('the types of every workspace that has a check of its own are looked at', () => {
  const { workspaces = [], scripts = {} } = packageIn('.');
  const projects = scripts['whole:types']?.split(' ').filter((word) => word.endsWith('/tsconfig.json')) ?? [];
  const lookedAt = globSync(projects, { cwd: checkoutRoot }).map(dirname);
  const all = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: checkoutRoot },
  ).map(dirname);
  const own = all.filter((folder) => packageIn(folder).scripts?.['typecheck'] !== undefined);
  expect(own.length).toBeGreaterThan(20);
  expect(lookedAt.toSorted()).toEqual(own.toSorted());
});
