import { describe, expect, test } from 'vitest';
import { root } from './documented-commands.ts';
import { askRegistry, type Exception, judgeAdvisories, readExceptions } from './gates/advisories.ts';
import { billOfMaterials, unaccountedIn } from './gates/bill-of-materials.ts';
import { licenceMisfits, lockedPackages } from './gates/licences.ts';

/** What stands between packages of others and a release: SECURITY.md says what each gate is for. */
const packages = lockedPackages(root);

describe('licences', () => {
  test('of all packages are ones that were agreed to', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(300);
    expect(licenceMisfits(packages)).toEqual([]);
  });

  test.each<[licence: string | undefined, shipped: boolean, allowed: boolean]>([
    ['MIT', true, true],
    ['GPL-3.0-only', true, false],
    ['GPL-3.0-only', false, false],
    ['MPL-2.0', true, false],
    ['MPL-2.0', false, true],
    ['(MIT OR GPL-3.0-only)', true, true],
    ['(MIT AND GPL-3.0-only)', true, false],
    ['(MIT AND BSD-3-Clause)', true, true],
    ['SEE LICENSE IN LICENSE', true, false],
    [undefined, true, false],
  ])('%s, shipped: %s, allowed: %s', (license, shipped, allowed) => {
    const one = { 'node_modules/@a/b': { dev: !shipped, ...(license === undefined ? {} : { license }) } };
    expect(licenceMisfits(one)).toEqual(allowed ? [] : [{ package: '@a/b', licence: license ?? 'none' }]);
  });

  test('of our own packages nobody asks', () => {
    expect(licenceMisfits({ '': {}, 'packages/kit': {}, 'node_modules/@andvari/kit': { link: true } })).toEqual([]);
  });
});

describe('the bill of materials', () => {
  const bill = billOfMaterials(root, packages);

  test('has every package that is shipped, with its digest and licence', () => {
    expect(unaccountedIn(bill, packages)).toEqual([]);
  });

  test('that lacks one, or its digest, is seen', () => {
    const parsed = JSON.parse(bill) as { components: { name: string; hashes?: unknown }[] };
    const without = { ...parsed, components: parsed.components.filter(({ name }) => name !== 'postgres') };
    expect(unaccountedIn(JSON.stringify(without), packages)).toEqual([expect.stringMatching(/^postgres@/)]);
    const undigested = parsed.components.map(({ hashes, ...one }) => (one.name === 'pino' ? one : { ...one, hashes }));
    expect(unaccountedIn(JSON.stringify({ ...parsed, components: undigested }), packages)).toEqual([
      expect.stringMatching(/^pino@/),
    ]);
  });
});

describe('advisories', () => {
  const asked = askRegistry(root);

  test.skipIf('unreachable' in asked)('of the locked packages are none, or accepted for a while', () => {
    const report = 'report' in asked ? asked.report : undefined;
    expect(judgeAdvisories(report, readExceptions(root), new Date().toISOString().slice(0, 10))).toEqual([]);
  });

  test('the written exceptions are sound', () => {
    expect(readExceptions(root)).toBeInstanceOf(Array);
  });

  const advisory = 'GHSA-2345-6789-cfgh';
  const via = { name: 'left', title: 'Left is wrong', url: `https://github.com/advisories/${advisory}` };
  const report = {
    auditReportVersion: 2,
    vulnerabilities: { left: { via: [via] }, right: { via: ['left'] } },
  };
  const accepted: Exception = { advisory, package: 'left', until: '2026-12-31', why: 'nothing of ours calls it' };

  test.each<[what: string, report: object, exceptions: Exception[], said: string[]]>([
    ['nobody has accepted', report, [], [`left: Left is wrong (${advisory})`]],
    ['somebody has', report, [accepted], []],
    [
      'until yesterday',
      report,
      [{ ...accepted, until: '2026-11-30' }],
      [`left: ${advisory} was accepted until 2026-11-30`],
    ],
    [
      'for another package',
      report,
      [{ ...accepted, package: 'right' }],
      [`left: Left is wrong (${advisory})`, `right: ${advisory} is mended, take its exception out`],
    ],
    [
      'that is gone',
      { ...report, vulnerabilities: {} },
      [accepted],
      [`left: ${advisory} is mended, take its exception out`],
    ],
  ])('one that %s', (_, answer, exceptions, said) => {
    expect(judgeAdvisories(answer, exceptions, '2026-12-01')).toEqual(said);
  });
});
