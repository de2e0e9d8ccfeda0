import { describe, expect, test, vi } from 'vitest';
import { sectorsOf } from '../../src/features/market/sectors.ts';

vi.stubGlobal('BroadcastChannel', class extends EventTarget {});
const { subjectOf } = await import('../../src/features/inbox/subject.ts');
const { againOf } = await import('../../src/features/orders/rows.ts');
const { newestFirst } = await import('./orders.ts');

describe('sectors', () => {
  const member = (symbol: string, sector: string, changeRatio: string) => ({ symbol, sector, changeRatio });

  test('each member counts the same, the best sector is first', () => {
    const found = sectorsOf([
      member('XOM', 'Energy', '-0.01'),
      member('AAPL', 'Technology', '0.03'),
      member('MSFT', 'Technology', '-0.01'),
      member('CVX', 'Energy', '0.002'),
    ]);
    expect(found).toMatchObject([
      { name: 'Technology', members: 2, changeRatio: '0.01', best: { symbol: 'AAPL' }, worst: { symbol: 'MSFT' } },
      { name: 'Energy', members: 2, changeRatio: '-0.004', best: { symbol: 'CVX' } },
    ]);
  });

  test('what has no sector is in none', () => {
    expect(sectorsOf([member('X', '', '0.5')])).toEqual([]);
  });
});

test.each([
  ['order/01a', { to: '/orders', search: { order: '01a' } }],
  ['session/x', { to: '/settings/security' }],
  ['order/', undefined],
  ['javascript:alert(1)/x', undefined],
  [null, undefined],
])('a letter about %s leads to its subject', (ref, subject) => {
  expect(subjectOf(ref)).toEqual(subject);
});

test('the same order again fills a ticket with what it was', () => {
  const [order] = newestFirst(['a']);
  if (order === undefined) throw new Error('one was made');
  expect(againOf(order)).toEqual({ side: 'buy', quantity: '10', price: '187.21' });
  expect(againOf({ ...order, type: 'MARKET', limitPrice: null })).toEqual({
    side: 'buy',
    quantity: '10',
    type: 'market',
  });
});
