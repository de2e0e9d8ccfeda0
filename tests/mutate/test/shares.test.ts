import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { describe, expect, test } from 'vitest';
import { areas } from '../src/areas.ts';
import { equivalents } from '../src/equivalents.ts';
import { brokenRuns, type Mutant, sharesOf, total } from '../src/shares.ts';

const source = 'function least(a, b) {\n  return a < b ? a : b;\n}\n';
const mutant = (status: string, replacement: string, columns: [from: number, to: number]): Mutant => ({
  mutatorName: 'EqualityOperator',
  replacement,
  status,
  location: { start: { line: 2, column: columns[0] }, end: { line: 2, column: columns[1] } },
});
const report = {
  files: {
    'src/least.ts': {
      source,
      mutants: [
        mutant('Killed', 'false', [10, 15]),
        mutant('Timeout', 'true', [10, 15]),
        mutant('RuntimeError', 'a > b', [10, 15]),
        mutant('Survived', 'a <= b', [10, 15]),
        mutant('NoCoverage', '', [3, 24]),
        mutant('Ignored', 'b', [18, 19]),
      ],
    },
  },
};
const line = 'return a < b ? a : b;';
const equal = { file: 'packages/x/src/least.ts', line, to: 'a <= b', why: 'equals are the same' };

describe('the share of changes that are noticed', () => {
  test('is of all that ran, and names the rest', () => {
    const { files, unnoticed } = sharesOf('packages/x', report, []);
    expect(total(files)).toEqual({ noticed: 3, counted: 5, equivalent: 0 });
    expect(unnoticed).toEqual([
      { at: 'packages/x/src/least.ts:2', line, from: 'a < b', to: 'a <= b' },
      { at: 'packages/x/src/least.ts:2', line, from: line, to: '' },
    ]);
  });

  test('leaves out what makes no difference', () => {
    const { files, unnoticed, outdated } = sharesOf('packages/x', report, [equal]);
    expect(files).toEqual([{ file: equal.file, noticed: 3, counted: 4, equivalent: 1 }]);
    expect([unnoticed.length, outdated]).toEqual([1, []]);
  });

  test.each([
    ['is not there', { ...equal, to: 'a >= b' }],
    ['was noticed', { ...equal, to: 'true' }],
    ['is of a line that has changed', { ...equal, line: 'return b < a ? b : a;' }],
  ])('says of an equivalent that it %s', (_, named) => {
    expect(sharesOf('packages/x', report, [named]).outdated).toEqual([named]);
  });
});

test('a runner that broke is no change that was noticed', () => {
  expect(brokenRuns(report)).toEqual([]);
  const statusReason = 'An error occurred outside of a test run: Error: [vitest-pool]: Worker forks emitted error.\nat';
  const broken = {
    files: { 'src/least.ts': { source, mutants: [{ ...mutant('RuntimeError', '', [1, 2]), statusReason }] } },
  };
  expect(brokenRuns(broken)).toEqual([statusReason.split('\n')[0]]);
});

test.each(Object.entries(areas))('the area %s has code and tests', (_, { workspace, mutate, tests }) => {
  const cwd = join(checkoutRoot, workspace);
  for (const pattern of [...mutate, ...tests])
    expect([pattern, globSync(pattern, { cwd }).length > 0]).toEqual([pattern, true]);
});

test('every equivalent is of a line that is there', () => {
  const gone = equivalents.filter(({ file, line: wanted }) => {
    const path = join(checkoutRoot, file);
    return (
      !existsSync(path) ||
      !readFileSync(path, 'utf8')
        .split('\n')
        .some((each) => each.trim() === wanted)
    );
  });
  expect(gone).toEqual([]);
});
