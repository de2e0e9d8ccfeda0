import { eventually } from '@andvari/kit/testing/eventually';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { EngineServiceService, PartitionRole } from '@andvari/proto/engine/v1/engine';
import { ExecType, type ExecutionReport, Liquidity, OrderStatus } from '@andvari/proto/engine/v1/reports';
import { executionReport } from '@andvari/proto/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { cancel, commandEvent, idOf, limit, opening, UNIT } from './commands.ts';

let engine: TestService<Awaited<ReturnType<typeof start>>>;

beforeAll(async () => {
  engine = await testService({
    readConfig,
    start,
    streams: ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD'],
    env: { MARKET_MAKER: 'false', LEASE_MS: '300' },
  });
});
afterAll(() => engine.close());

const rpc = () => engine.client(EngineServiceService, {});

/** The reports of one symbol, once there are as many as expected. */
async function reportsOf(symbol: string, count: number): Promise<ExecutionReport[]> {
  return eventually(async () => {
    const reports = (await engine.published(executionReport)).filter((report) => report.symbol === symbol);
    expect(reports).toHaveLength(count);
    return reports;
  });
}

describe('the service', () => {
  test('answers a trade with a report for each side, at the maker’s price', async () => {
    await engine.publish(
      ...opening('TRADE'),
      limit('TRADE', { order: 't-sell', user: 'maker', side: 'sell', qty: 5n, px: 101n }),
      limit('TRADE', { order: 't-buy', user: 'taker', side: 'buy', qty: 3n, px: 105n }),
    );
    const reports = await reportsOf('TRADE', 4);
    const fills = reports.filter(({ execType }) => execType === ExecType.EXEC_TYPE_FILL);
    expect(fills).toHaveLength(2);
    for (const fill of fills)
      expect(fill).toMatchObject({ lastPx: 101n * UNIT, lastQty: 3n * UNIT, tradeId: fills[0]?.tradeId });
    expect(fills.find(({ orderId }) => orderId === idOf('t-sell'))).toMatchObject({
      liquidity: Liquidity.LIQUIDITY_MAKER,
      ordStatus: OrderStatus.ORDER_STATUS_PARTIALLY_FILLED,
      leavesQty: 2n * UNIT,
      limitPx: 101n * UNIT,
      qty: 5n * UNIT,
    });
    expect(fills.find(({ orderId }) => orderId === idOf('t-buy'))).toMatchObject({
      liquidity: Liquidity.LIQUIDITY_TAKER,
      ordStatus: OrderStatus.ORDER_STATUS_FILLED,
      avgPx: 101n * UNIT,
    });
    const { book } = await rpc().getBook({ symbol: 'TRADE', depth: 5 });
    expect(book).toMatchObject({
      bids: [],
      asks: [{ px: 101n * UNIT, qty: 2n * UNIT, orders: 1 }],
      lastPx: 101n * UNIT,
    });
  });

  test('sets rubbish aside and goes on with the next command', async () => {
    const garbage = {
      ...commandEvent('RUBBISH', { $case: 'expireDayOrders', value: {} }),
      payload: Buffer.from('ff00ff', 'hex'),
    };
    const noUuid = limit('RUBBISH', { order: 'x', terms: { orderId: 'not an id' } });
    await engine.publish(...opening('RUBBISH'), garbage, noUuid, limit('RUBBISH', { order: 'r-good' }));
    await reportsOf('RUBBISH', 1);
    const { state } = await engine.nats.jsm.streams.info('DEAD', { subjects_filter: 'dead.engine-0.cmd.0.RUBBISH' });
    expect(state.subjects?.['dead.engine-0.cmd.0.RUBBISH']).toBe(2);
  });

  test('rubbish as large, or on a subject as long, as a server takes does not stop the log', async () => {
    // Of a payload a server takes a megabyte, headers included; of a command line, 4096 bytes.
    const MAX_PAYLOAD = 1024 * 1024;
    const rubbish = {
      ...commandEvent('HUGE', { $case: 'expireDayOrders', value: {} }),
      headers: {},
      payload: Buffer.alloc(MAX_PAYLOAD - 100),
    };
    const absurd = { ...limit('HUGE', { order: 'h-2' }), headers: {}, subject: `cmd.0.${'X'.repeat(4036)}` };
    await engine.publish(...opening('HUGE'), rubbish, absurd, limit('HUGE', { order: 'h-good' }));
    await reportsOf('HUGE', 1);
    const { state } = await engine.nats.jsm.streams.info('DEAD', { subjects_filter: 'dead.engine-0.cmd.0.>' });
    const dead = Object.entries(state.subjects ?? {}).filter(([subject]) => /HUGE|XXX/.test(subject));
    expect(dead.map(([, times]) => times)).toEqual([1, 1]);
  });

  test.each([
    ['an unknown symbol', limit('NOWHERE', { order: 'n-1' }), 'unknown_symbol'],
    ['a quantity of zero', limit('ZERO', { order: 'z-1', qty: 0n }), 'quantity_invalid'],
    ['a negative quantity', limit('ZERO', { order: 'z-2', qty: -1n }), 'quantity_invalid'],
    ['a price off the tick', limit('ZERO', { order: 'z-3', terms: { limitPx: 100_000_001n } }), 'price_off_tick'],
    [
      'a quantity beyond what a number holds',
      limit('ZERO', { order: 'z-4', terms: { qty: 2n ** 62n } }),
      'quantity_invalid',
    ],
    ['a price beyond it', limit('ZERO', { order: 'z-5', terms: { limitPx: 2n ** 62n } }), 'price_invalid'],
    ['a side that does not exist', limit('ZERO', { order: 'z-6', terms: { side: 9 as never } }), 'malformed'],
  ])('%s is rejected with its reason', async (_, event, reason) => {
    await engine.publish(...opening('ZERO'), event);
    await eventually(async () => {
      const reports = await engine.published(executionReport);
      expect(reports.find(({ reason: given }) => given === reason)).toMatchObject({
        execType: ExecType.EXEC_TYPE_REJECTED,
      });
    });
  });

  test('a cancel of what was never there is refused as a cancel, not as an order', async () => {
    await engine.publish(...opening('GHOST'), cancel('GHOST', 'g-never'));
    const [report] = await reportsOf('GHOST', 1);
    expect(report).toMatchObject({ execType: ExecType.EXEC_TYPE_CANCEL_REJECTED, reason: 'unknown_order' });
  });

  test('the same order again is refused once more, and fills only once', async () => {
    const sell = limit('AGAIN', { order: 'a-sell', user: 'maker', side: 'sell', qty: 2n });
    const buy = { order: 'a-buy', user: 'taker' };
    await engine.publish(...opening('AGAIN'), sell, limit('AGAIN', buy), limit('AGAIN', buy));
    const reports = await reportsOf('AGAIN', 5);
    expect(reports.at(-1)).toMatchObject({ execType: ExecType.EXEC_TYPE_REJECTED, reason: 'duplicate_order_id' });
    expect(reports.filter(({ execType }) => execType === ExecType.EXEC_TYPE_FILL)).toHaveLength(2);
  });

  test('a restart goes on where it was and reports nothing twice', async () => {
    await engine.publish(...opening('KEEP'), limit('KEEP', { order: 'k-1', qty: 4n, side: 'sell', user: 'maker' }));
    await reportsOf('KEEP', 1);
    const before = await engine.published(executionReport);
    await engine.restart();
    await engine.publish(limit('KEEP', { order: 'k-2', user: 'taker' }));
    await reportsOf('KEEP', 4);
    const after = await engine.published(executionReport);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map(({ execId }) => execId)).size).toBe(after.length);
  });

  const wrong: [string, () => Promise<unknown>, object][] = [
    ['a book of no symbol', () => rpc().getBook({ symbol: '', depth: 1 }), { code: 'not_found' }],
    ['a book of an absurd one', () => rpc().getBook({ symbol: '\0>*.'.repeat(1000), depth: 1 }), { code: 'not_found' }],
    ['a negative depth', () => rpc().getBook({ symbol: 'TRADE', depth: -1 }), { field: 'depth' }],
    ['an order id that is none', () => rpc().getOrder({ orderId: "'; --" }), { field: 'order_id' }],
    ['an order that never was', () => rpc().getOrder({ orderId: idOf('never') }), { code: 'not_found' }],
    [
      'how it stands, asked by a client',
      () => engine.client(EngineServiceService, { userId: idOf('u8'), scopes: ['order:read:own'] }).getStats({}),
      { code: 'permission_denied' },
    ],
  ];
  test.each(wrong)('does not answer %s', async (_, ask, why) => {
    await expect(ask()).rejects.toMatchObject(why);
  });

  test('tells how it stands', async () => {
    // A process that did not get a turn for the length of a lease stands by until it has got it again.
    await eventually(async () => {
      const { partitions } = await rpc().getStats({});
      expect(partitions).toMatchObject([{ partition: 0, role: PartitionRole.PARTITION_ROLE_LEADER }]);
    });
    await engine.publish(...opening('LIVE'), limit('LIVE', { order: 'l-1', user: 'u9' }));
    await reportsOf('LIVE', 1);
    const { order } = await rpc().getOrder({ orderId: idOf('l-1') });
    expect(order).toMatchObject({ symbol: 'LIVE', leavesQty: UNIT, limitPx: 100n * UNIT });
    const stranger = engine.client(EngineServiceService, { userId: idOf('u8'), scopes: ['order:read:own'] });
    await expect(stranger.getOrder({ orderId: idOf('l-1') })).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(rpc().getBook({ symbol: 'NONE', depth: 1 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(rpc().getBook({ symbol: 'LIVE', depth: 201 })).rejects.toMatchObject({ field: 'depth' });
  });
});
