import { describe, expect, test } from 'vitest';
import { strengthOf } from '../../src/features/identity/password.ts';
import { stepsOf } from '../../src/features/identity/steps.ts';
import { countries, countryName } from '../../src/ui/country.ts';

describe('strength of a password, in words', () => {
  test.each([
    ['', 0],
    ['short', 0],
    ['123456789012', 1],
    ['abcabcabcabc', 1],
    ['ada.lovelace-2026', 1],
    ['correct horse', 2],
    ['correct horse battery', 3],
  ])('%s', (password, level) => {
    expect(strengthOf(password, 'ada.lovelace@example.com').level).toBe(level);
  });
});

describe('the first step that is not done is next', () => {
  const fresh = { givenName: '', familyName: '', country: null, onboarding: { state: 'NEW' } };
  const known = { givenName: 'Ada', familyName: 'L', country: 'GB', onboarding: { state: 'NEW' } };
  const verified = { ...known, onboarding: { state: 'VERIFIED' } };
  const empty = { cash: '0', fundings: { nodes: [] } };
  test.each([
    ['nothing yet', fresh, [], ['now', 'later', 'later', 'later']],
    ['profile', known, [], ['done', 'now', 'later', 'later']],
    ['verified', verified, [], ['done', 'done', 'now', 'later']],
    ['account', verified, [empty], ['done', 'done', 'done', 'now']],
    ['deposit', verified, [{ ...empty, cash: '10.00' }], ['done', 'done', 'done', 'done']],
    [
      'verified before the profile',
      { ...fresh, onboarding: { state: 'VERIFIED' } },
      [],
      ['now', 'done', 'later', 'later'],
    ],
  ] as const)('%s', (_, me, accounts, states) => {
    expect(Object.values(stepsOf(me, accounts))).toEqual(states);
  });
});

describe('a country is one that there is', () => {
  test.each([
    ['GB', 'United Kingdom'],
    ['de', 'Germany'],
    ['ZZ', undefined],
    ['QX', undefined],
    ['G', undefined],
    ['', undefined],
    ['<b', undefined],
  ])('%s', (code, name) => {
    expect(countryName(code)).toBe(name);
  });

  test('each is listed once, and nothing else is', () => {
    const listed = countries();
    expect(new Set(listed.map(([, name]) => name)).size).toBe(listed.length);
    const codes = listed.map(([code]) => code);
    expect(codes).toEqual(expect.arrayContaining(['CA', 'DE', 'GB', 'JP', 'US']));
    for (const none of ['UK', 'EU', 'SU', 'XK', 'ZZ']) expect(codes).not.toContain(none);
  });
});
