import { describe, expect, test } from 'vitest';
import { base32, codeOf, matchingStep, newFactorSecret, newRecoveryCodes } from '../src/ports/one-time-codes.ts';

const secret = Buffer.from('12345678901234567890');

describe('a code', () => {
  // RFC 4226, appendix D.
  test.each([
    [0n, '755224'],
    [1n, '287082'],
    [2n, '359152'],
    [3n, '969429'],
    [4n, '338314'],
    [5n, '254676'],
    [6n, '287922'],
    [7n, '162583'],
    [8n, '399871'],
    [9n, '520489'],
  ])('of the counter %s is %s', (counter, code) => expect(codeOf(secret, counter)).toBe(code));

  // RFC 6238, appendix B, whose eight digits end with these six.
  test.each([
    [59n, '287082'],
    [1_111_111_109n, '081804'],
    [1_111_111_111n, '050471'],
    [1_234_567_890n, '005924'],
    [2_000_000_000n, '279037'],
    [20_000_000_000n, '353130'],
  ])('at the second %s is %s', (seconds, code) => expect(codeOf(secret, seconds / 30n)).toBe(code));

  test('is found among the steps that may be meant, and nowhere else', () => {
    expect(matchingStep(secret, '287082', [0n, 1n, 2n])).toBe(1n);
    expect(matchingStep(secret, '287082', [2n, 3n, 4n])).toBeUndefined();
    expect(matchingStep(secret, '', [1n])).toBeUndefined();
  });
});

describe('base32', () => {
  // RFC 4648, section 10, those without padding.
  test.each([
    ['', ''],
    ['fooba', 'MZXW6YTB'],
    ['12345678901234567890', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'],
  ])('of %j is %j', (text, encoded) => expect(base32(Buffer.from(text))).toBe(encoded));
});

test('a secret has 160 bits, and recovery codes 80 each; no two are alike', () => {
  expect(newFactorSecret()).toHaveLength(20);
  const codes = [...newRecoveryCodes(), ...newRecoveryCodes()];
  expect(new Set(codes).size).toBe(20);
  for (const code of codes) expect(code).toMatch(/^[a-z2-7]{16}$/);
});
