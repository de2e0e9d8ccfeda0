import { describe, expect, test } from 'vitest';
import { changeProfile, newProfile, type ProfileChange } from '../src/domain/profile.ts';

const ada = newProfile(
  {
    userId: '0190a000-0000-7000-8000-000000000001',
    email: 'ada@example.com',
    givenName: 'Ada',
    familyName: '',
    locale: '',
  },
  1_000n,
);

describe('a profile', () => {
  test('starts with a locale, in UTC, not yet verified', () => {
    expect(ada).toMatchObject({ locale: 'en', timezone: 'UTC', onboarding: { state: 'new' }, version: 1n });
  });

  test.each<[rule: string, change: ProfileChange, expected: bigint | undefined, outcome: object]>([
    [
      'another version is a conflict before anything else',
      { phone: 'x' },
      2n,
      { refused: 'version_conflict', current: 1n },
    ],
    ['a phone number has a plus and digits', { phone: '0416' }, 1n, { refused: 'invalid_field', field: 'phone' }],
    ['a country has two capital letters', { country: 'can' }, 1n, { refused: 'invalid_field', field: 'country' }],
    ['two letters are not a country yet', { country: 'QX' }, 1n, { refused: 'invalid_field', field: 'country' }],
    ['a locale is a language tag', { locale: 'not a tag' }, 1n, { refused: 'invalid_field', field: 'locale' }],
    ['a locale cannot be cleared', { locale: '' }, 1n, { refused: 'invalid_field', field: 'locale' }],
    [
      'a time zone is one that exists',
      { timezone: 'Mars/Olympus' },
      1n,
      { refused: 'invalid_field', field: 'timezone' },
    ],
    [
      'a name has at most 100 characters',
      { givenName: 'a'.repeat(101) },
      1n,
      { refused: 'invalid_field', field: 'givenName' },
    ],
    [
      'a name has no control characters',
      { familyName: 'a\u0000b' },
      1n,
      { refused: 'invalid_field', field: 'familyName' },
    ],
    ['one bad field refuses the whole change', { givenName: 'Bo', phone: '1' }, 1n, { refused: 'invalid_field' }],
    ['what is so already changes nothing', { givenName: 'Ada' }, 1n, { changedFields: [], profile: ada }],
    ['a change without a version is taken', { givenName: 'Bo' }, undefined, { changedFields: ['givenName'] }],
    ['only what differs is named', { givenName: 'Bo', familyName: '' }, 1n, { changedFields: ['givenName'] }],
    ['an optional field can be cleared', { phone: '' }, 1n, { changedFields: [] }],
    [
      'a change raises the version',
      { timezone: 'America/Toronto' },
      1n,
      { profile: { version: 2n, updatedAtUs: 2_000n } },
    ],
  ])('%s', (_, change, expected, outcome) => {
    expect(changeProfile(ada, change, expected, 2_000n)).toMatchObject(outcome);
  });
});
