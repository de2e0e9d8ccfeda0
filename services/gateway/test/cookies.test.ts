import { describe, expect, test } from 'vitest';
import {
  ACCESS_COOKIE,
  accessCookie,
  clearCookies,
  cookieFrom,
  REFRESH_COOKIE,
  setCookies,
} from '../src/identity/cookies.ts';

test('their names are those that no other host can set', () => {
  expect([ACCESS_COOKIE, REFRESH_COOKIE]).toEqual(['__Host-andvari_access', '__Host-andvari_refresh']);
});

describe('a cookie is read', () => {
  const rows: [rule: string, header: string | undefined, value: string | undefined][] = [
    ['where it is alone', 'a=1', '1'],
    ['among others, with the spaces that browsers send', 'b=2; a=1; c=3', '1'],
    ['with spaces around it', ' a = 1 ;b=2', '1'],
    ['with what looks like another sign', 'a=1=2', '1=2'],
    ['as nothing where there are none', undefined, undefined],
    ['as nothing where it is empty', 'a=', undefined],
    ['as nothing where it is blank', 'a= ', undefined],
    ['as nothing where only others are', 'b=2; aa=1; xa=1', undefined],
    ['as nothing where it has no value', 'a; b=2', undefined],
    ['as nothing where there is a value alone', '=a; =1', undefined],
    ['from the first of two', 'a=1; a=2', '1'],
    ['past a name without a sign', 'ax; a=1', '1'],
  ];
  test.each(rows)('%s', (_, header, value) => {
    expect(cookieFrom(header, 'a')).toBe(value);
  });

  test('of no name as nothing', () => {
    expect(cookieFrom('=1', '')).toBeUndefined();
  });
});

const refresh = (value: string, seconds: number) =>
  `__Host-andvari_refresh=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`;

const access = (value: string, seconds: number) =>
  `__Host-andvari_access=${value}; Path=/; Max-Age=${seconds}; HttpOnly; Secure; SameSite=Lax`;

describe('a cookie is set', () => {
  test('for as many whole seconds as its token has left', () => {
    const tokens = {
      accessToken: 'A',
      accessExpiresAtUs: 11_999_999n,
      refreshToken: 'R',
      refreshExpiresAtUs: 61_000_000n,
    };
    expect(setCookies(tokens, 1000)).toEqual([access('A', 10), refresh('R', 60)]);
  });

  test.each([
    ['for no time where it has run out', 999_999n, 0],
    ['for no time where it runs out now', 1_000_000n, 0],
    ['for no part of a second', 1_999_999n, 0],
    ['for a second that is whole', 2_000_000n, 1],
  ])('%s', (_, accessExpiresAtUs, seconds) => {
    expect(accessCookie({ accessToken: 'A', accessExpiresAtUs }, 1000)).toBe(access('A', seconds));
  });

  test('to nothing, for no time, when both go', () => {
    expect(clearCookies()).toEqual([access('', 0), refresh('', 0)]);
  });
});
