import { describe, expect, test, vi } from 'vitest';
import { arriving, stepsOf } from '../../src/features/funding/rules.ts';
import { changeOf } from '../../src/features/orders/replacement.ts';
import { type Order, rowsOf } from '../../src/features/orders/rows.ts';
import { originOf, withBalances } from '../../src/features/portfolio/activity-rules.ts';
import { sharesOf } from '../../src/features/portfolio/allocation-rules.ts';
import { gainedSince } from '../../src/features/portfolio/gained.ts';
import { newestFirst } from './orders.ts';

vi.stubGlobal('BroadcastChannel', class extends EventTarget {});
const { takeFile } = await import('../../src/features/portfolio/take-file.ts');

describe('activity', () => {
  test('the balance after each is what is there now less what came later', () => {
    const rows = withBalances([{ amount: '-10.5' }, { amount: '100' }, { amount: '0.000001' }], '89.500001');
    expect(rows.map(({ balance }) => balance)).toEqual(['89.500001', '100.000001', '0.000001']);
  });

  test.each([
    ['a trade leads to its order', 'SELL', 'an-order', { to: '/orders', search: { order: 'an-order' } }],
    ['a deposit to the deposits', 'DEPOSIT', null, { to: '/funding' }],
    ['a transfer as well', 'TRANSFER_OUT', null, { to: '/funding' }],
    ['a split to nowhere', 'SPLIT', null, undefined],
  ])('%s', (_, type, orderId, origin) => expect(originOf({ type, orderId })).toEqual(origin));
});

describe('a statement', () => {
  const path = '/statements/a/2026-11.csv';
  test.each<[what: string, heads: number[], refreshes: boolean, done: string[]]>([
    ['is followed once its head was answered', [200], false, ['head', 'follow']],
    ['with a session that has run out is asked for again', [401, 200], true, ['head', 'refresh', 'head', 'follow']],
    ['without a session is no file', [401], false, ['head', 'refresh']],
    ['of another account is no file', [404], true, ['head']],
    ['that nobody answers is no file', [0], true, ['head']],
  ])('%s', async (_, heads, refreshes, done) => {
    const seen: string[] = [];
    const followed = await takeFile(path, {
      head: async () => (seen.push('head'), heads[seen.filter((each) => each === 'head').length - 1] ?? 0),
      refresh: async () => (seen.push('refresh'), refreshes),
      follow: () => void seen.push('follow'),
    });
    expect(seen).toEqual(done);
    expect(followed).toBe(done.includes('follow'));
  });
});

test.each<[what: string, base: [string, string], now: [string, string], gained: string]>([
  ['what there is more than then', ['1000', '1000'], ['1250.5', '1000'], '250.5'],
  ['not what was paid in since', ['1000', '1000'], ['1750', '1500'], '250'],
  ['nor less what was taken out', ['1000', '400'], ['500', '-200'], '100'],
  ['and not what was gained before', ['1100', '1000'], ['1050', '1000'], '-50'],
])('gained is %s', (_, [baseValue, baseNetPaidIn], [equity, netPaidIn], gained) => {
  expect(gainedSince({ baseValue, baseNetPaidIn }, { equity, netPaidIn })).toBe(gained);
});

test('allocation: by sector, the largest first, cash among them', () => {
  const holdings = [
    { sector: 'Energy', value: '10.1' },
    { sector: 'Tech', value: '100' },
    { sector: 'Energy', value: '0.2' },
  ];
  expect(sharesOf(holdings, '50')).toEqual([
    { name: 'Tech', value: '100' },
    { name: 'Cash', value: '50' },
    { name: 'Energy', value: '10.3' },
  ]);
});

describe('funding', () => {
  const rate = { base: 'EUR', quote: 'USD', rate: '1.1' };
  test.each([
    ['100', 'EUR', '110'],
    ['110', 'USD', '100'],
    ['1', 'GBP', undefined],
  ])('%s %s arrive as %s', (amount, from, arrives) => {
    expect(arriving(amount, from, rate)).toBe(arrives);
  });

  test.each([
    ['DEPOSIT', 'REQUESTED', [true, false, false]],
    ['DEPOSIT', 'SETTLED', [true, true, true]],
    ['WITHDRAWAL', 'HELD', [true, true, false, false]],
    ['WITHDRAWAL', 'FAILED', [true, true]],
  ])('%s %s', (type, state, done) => {
    expect(stepsOf(type, state).map(({ isDone }) => isDone)).toEqual(done);
  });
});

describe('the blotter', () => {
  const underway = (clientOrderId: string, symbol = 'ACME') => ({
    intent: {
      clientOrderId,
      accountId: 'a',
      group: undefined,
      legs: [{ symbol, side: 'BUY' as const, type: 'MARKET' as const }],
    },
    state: 'SENDING' as const,
    sentAt: '2026-01-01T00:00:00Z',
  });

  test('what is on its way comes first, and is there once when its order has come', () => {
    const orders = newestFirst(['one', 'two']);
    expect(rowsOf(orders, [underway('three'), underway('two')]).map(({ key }) => key)).toEqual(['three', 'one', 'two']);
  });

  test('legs stand beneath the first of their group', () => {
    const group = { groupId: 'g', groupType: 'BRACKET' as const };
    const orders: Order[] = newestFirst(['stop', 'other', 'entry', 'profit']).map((order) =>
      order.id === 'other' ? order : { ...order, ...group, groupLeg: ['entry', 'profit', 'stop'].indexOf(order.id) },
    );
    expect(rowsOf(orders, []).map((row) => [row.key, row.kind === 'order' ? row.depth : -1])).toEqual([
      ['entry', 0],
      ['profit', 1],
      ['stop', 1],
      ['other', 0],
    ]);
  });

  test('a replacement sends what has changed and nothing else', () => {
    const nothing = { stopPrice: '', trailAmount: '', trailPercent: '' };
    const order = { quantity: '10', limitPrice: '187.20', stopPrice: null, trailAmount: null, trailPercent: null };
    const change = (fields: { quantity: string; limitPrice: string }) => changeOf(order, { ...nothing, ...fields });
    expect(change({ quantity: '10', limitPrice: '187.2' })).toEqual({ input: {} });
    expect(change({ quantity: '12', limitPrice: '187.2' })).toEqual({ input: { quantity: '12' } });
    expect(change({ quantity: 'x', limitPrice: '1' })).toEqual({ wrong: 'quantity' });
    const trailing = { ...order, limitPrice: null, trailPercent: '2' };
    expect(changeOf(trailing, { ...nothing, quantity: '10', limitPrice: '', trailPercent: '3.5' })).toEqual({
      input: { trailPercent: '3.5' },
    });
  });
});
