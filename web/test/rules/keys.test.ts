import { describe, expect, test } from 'vitest';
import { keyFor, keys } from '../../src/app/keys.ts';

const press = (key: string, more: { ctrl?: boolean; isInField?: boolean } = {}) => ({
  key,
  ctrl: false,
  isInField: false,
  ...more,
});

describe('keys', () => {
  test.each([
    ['a letter', press('b'), '', true, { act: { kind: 'side', side: 'BUY' }, pending: '' }],
    ['the beginning of a sequence', press('g'), '', true, { pending: 'g' }],
    ['its end', press('o'), 'g', true, { act: { kind: 'go', to: '/orders' }, pending: '' }],
    ['a wrong end', press('z'), 'g', true, { pending: '' }],
    ['in a field letters are text', press('b', { isInField: true }), '', true, { pending: '' }],
    ['turned off', press('b'), '', false, { pending: '' }],
    [
      'Ctrl K works in a field and when letters are off',
      press('k', { ctrl: true, isInField: true }),
      '',
      false,
      { act: { kind: 'palette' }, pending: '' },
    ],
  ] as const)('%s', (_, pressed, pending, allows, expected) => {
    expect(keyFor(pressed, pending, allows)).toEqual(expected);
  });

  test('no two are the same, and none sends an order', () => {
    expect(new Set(keys.map((key) => key.keys)).size).toBe(keys.length);
    const kinds = new Set(keys.map(({ act }) => act?.kind));
    expect(kinds).toEqual(
      new Set(['go', 'help', 'hideAmounts', 'move', 'palette', 'side', 'theme', 'timeframe', undefined]),
    );
  });
});
