import { describe, expect, test } from 'vitest';
import { changeProfile, fieldNames, newProfile, type Profile, type ProfileChange } from '../src/domain/profile.ts';

const made = { userId: 'u', email: 'ada@example.com', givenName: 'Ada', familyName: 'Lovelace', locale: 'de-CH' };
const ada: Profile = newProfile(made, 5n);

describe('a new profile', () => {
  test('has what is known, and the rest as for anybody', () => {
    expect(ada).toEqual({
      ...made,
      phone: '',
      country: '',
      timezone: 'UTC',
      avatarRef: '',
      onboarding: { state: 'new' },
      version: 1n,
      createdAtUs: 5n,
      updatedAtUs: 5n,
    });
  });

  test('is in English where nobody said otherwise', () => {
    expect(newProfile({ ...made, locale: '' }, 5n).locale).toBe('en');
  });
});

describe('a change of a profile', () => {
  const person = 'should have at most 100 characters';
  const control = 'should have no control characters';
  const phone = 'should be a number like +14165550123';
  const country = 'should be a country of ISO 3166-1 in two capital letters, like CA';
  const locale = 'should be a language tag like en-CA';
  const timezone = 'should be a time zone like America/Toronto';
  const avatar = 'should be a reference of at most 200 characters';
  test.each<[change: ProfileChange, problem: string | undefined]>([
    [{ givenName: 'x'.repeat(100) }, undefined],
    [{ givenName: 'x'.repeat(101) }, person],
    [{ familyName: 'x'.repeat(101) }, person],
    [{ givenName: 'A\u0000' }, control],
    [{ familyName: '\u007f' }, control],
    [{ familyName: '\ud800' }, control],
    [{ familyName: '李 O’Neill' }, undefined],
    [{ phone: '' }, undefined],
    [{ phone: '+1416555' }, undefined],
    [{ phone: '+123456789012345' }, undefined],
    [{ phone: '+141655' }, phone],
    [{ phone: '+1234567890123456' }, phone],
    [{ phone: '+04165550123' }, phone],
    [{ phone: '14165550123' }, phone],
    [{ phone: 'x+14165550123' }, phone],
    [{ phone: '+14165550123x' }, phone],
    [{ country: '' }, undefined],
    [{ country: 'CA' }, undefined],
    [{ country: 'ca' }, country],
    [{ country: 'CAN' }, country],
    [{ country: 'C' }, country],
    [{ country: 'GB' }, undefined],
    [{ country: 'UK' }, country],
    [{ country: 'EU' }, country],
    [{ country: 'XX' }, country],
    [{ country: 'ZZ' }, country],
    [{ locale: 'fr-CA' }, undefined],
    [{ locale: 'en-u-co-phonebk-ca-buddhist-nu-thai' }, undefined],
    [{ locale: 'en-u-co-phonebk-ca-buddhist-nu-thaii' }, locale],
    [{ locale: '' }, locale],
    [{ locale: 'English, please' }, locale],
    [{ timezone: 'America/Toronto' }, undefined],
    [{ timezone: 'Toronto' }, timezone],
    [{ timezone: '' }, timezone],
    [{ avatarRef: `a/b-${'c'.repeat(196)}` }, undefined],
    [{ avatarRef: 'a'.repeat(201) }, avatar],
    [{ avatarRef: 'a b' }, avatar],
    [{ avatarRef: '<a>' }, avatar],
  ])('to %j: %s', (change, problem) => {
    const [[field, value] = ['', '']] = Object.entries(change);
    const taken =
      value === ''
        ? { profile: ada, changedFields: [] }
        : { profile: { ...ada, ...change, version: 2n, updatedAtUs: 9n }, changedFields: [field] };
    const answer = problem === undefined ? taken : { refused: 'invalid_field', field, problem };
    expect(changeProfile(ada, change, undefined, 9n)).toEqual(answer);
  });

  test('names only what becomes another', () => {
    const change = { givenName: 'Ada', familyName: 'King', country: 'GB' };
    expect(changeProfile(ada, change, 1n, 9n)).toEqual({
      profile: { ...ada, familyName: 'King', country: 'GB', version: 2n, updatedAtUs: 9n },
      changedFields: ['familyName', 'country'],
    });
    expect(changeProfile(ada, { givenName: 'Ada' }, undefined, 9n)).toEqual({ profile: ada, changedFields: [] });
  });

  test('is of the version it was read at, before anything else is looked at', () => {
    const conflict = { refused: 'version_conflict', current: 1n };
    expect(changeProfile(ada, { country: 'nowhere' }, 2n, 9n)).toEqual(conflict);
    expect(changeProfile(ada, { country: 'nowhere' }, 1n, 9n)).toMatchObject({ field: 'country' });
  });
});

test('fields are named as in the contract', () => {
  expect(fieldNames).toEqual({
    givenName: 'given_name',
    familyName: 'family_name',
    phone: 'phone',
    country: 'country',
    locale: 'locale',
    timezone: 'timezone',
    avatarRef: 'avatar_ref',
  });
});
