import { randomUUID } from 'node:crypto';
import { MICRO } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buyOf, expectClean, orders, sellOf } from './portfolio-fixture.ts';
import {
  adjust,
  deposit,
  everything,
  fees,
  open,
  openWorld,
  reserve,
  type Send,
  transfer,
  USED_KEY,
  type World,
  withdraw,
} from './refused-world.ts';

let world: World;
let before: object;
beforeAll(async () => {
  world = await openWorld();
  before = await everything(world);
});
afterAll(() => world.portfolio.close());

const beyond = 10n ** 18n + 1n;
const max = 2n ** 63n - 1n;
type Row = [rule: string, send: Send, refusal: { code: string; reason?: string; field?: string }];
const invalid = (field: string, reason?: string) => ({
  code: 'invalid_argument',
  field,
  ...(reason === undefined ? {} : { reason }),
});
const precondition = (reason: string, field?: string) => ({
  code: 'failed_precondition',
  reason,
  ...(field === undefined ? {} : { field }),
});
const reused = { code: 'already_exists', reason: 'idempotency_key_reused', field: 'idempotency_key' };
const unknown = { code: 'not_found', reason: 'account_not_found', field: 'account_id' };

const rows: Row[] = [
  ['a reservation of nothing', reserve(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
  ['a reservation below zero', reserve(() => ({ amount: -1n })), invalid('amount', 'amount_not_positive')],
  [
    'a reservation of the largest number there is',
    reserve(() => ({ amount: max })),
    invalid('amount', 'amount_too_large'),
  ],
  ['a reservation of no shares', reserve(() => ({ qty: 0n })), invalid('qty', 'amount_not_positive')],
  ['a reservation of fewer than none', reserve(() => ({ qty: -MICRO })), invalid('qty', 'amount_not_positive')],
  ['a reservation of more than there are', reserve(() => ({ qty: beyond })), invalid('qty', 'amount_too_large')],
  ['a reservation on neither side', reserve(() => ({ side: Side.SIDE_UNSPECIFIED })), invalid('side')],
  ['a reservation of money that is none', reserve(() => ({ asset: 'XXX' })), invalid('asset', 'currency_unknown')],
  ['a reservation in another currency', reserve(() => ({ asset: 'CAD' })), precondition('wrong_currency', 'asset')],
  [
    'a reservation of a currency as a share',
    reserve(({ victim }) => sellOf(victim, 1n, { symbol: 'USD', asset: 'USD' })),
    invalid('symbol'),
  ],
  [
    'a reservation of shares of another symbol',
    reserve(({ victim }) => sellOf(victim, 1n, { asset: 'MSFT' })),
    invalid('asset'),
  ],
  [
    'a reservation of fewer shares than are sold',
    reserve(({ victim }) => sellOf(victim, 2n, { amount: MICRO })),
    invalid('amount'),
  ],
  ['a reservation of a symbol that is none', reserve(() => ({ symbol: '{x,"y' })), invalid('symbol', 'symbol_invalid')],
  ['a reservation for an order without an id', reserve(() => ({ orderId: '' })), invalid('order_id')],
  ['a reservation on no account', reserve(() => ({ accountId: 'x' })), invalid('account_id')],
  ['a reservation on an unknown account', reserve(() => ({ accountId: randomUUID() })), unknown],
  [
    'a reservation on a closed account',
    reserve(({ closed }) => ({ accountId: closed.id })),
    precondition('account_closed', 'account_id'),
  ],
  [
    'a reservation on a savings account',
    reserve(({ savings }) => ({ accountId: savings.id })),
    precondition('account_kind_cannot_trade', 'account_id'),
  ],
  [
    'a reservation of more money than there is',
    reserve(() => ({ amount: 1001n * MICRO })),
    precondition('insufficient_buying_power', 'amount'),
  ],
  [
    'a reservation of more shares than there are',
    reserve(({ victim }) => sellOf(victim, 11n)),
    precondition('insufficient_shares', 'amount'),
  ],
  [
    'a reservation of shares never held',
    reserve(({ victim }) => sellOf(victim, 1n, { symbol: 'MSFT', asset: 'MSFT' })),
    precondition('insufficient_shares', 'amount'),
  ],
  [
    'a reservation in the place of an unknown order',
    reserve(() => ({ replaces: randomUUID() })),
    precondition('order_not_replaceable', 'replaces'),
  ],
  [
    'a release of what is not reserved',
    ({ victim, portfolio }) => orders(portfolio).release({ orderId: randomUUID(), accountId: victim.id, reason: '' }),
    { code: 'not_found', reason: 'reservation_not_found', field: 'order_id' },
  ],
  ['a deposit of nothing', deposit(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
  ['a deposit below zero', deposit(() => ({ amount: -1n })), invalid('amount', 'amount_not_positive')],
  ['a deposit of everything', deposit(() => ({ amount: max })), invalid('amount', 'amount_too_large')],
  ['a deposit in another currency', deposit(() => ({ currency: 'EUR' })), precondition('wrong_currency', 'currency')],
  ['a deposit in no currency', deposit(() => ({ currency: 'BTC' })), invalid('currency', 'currency_unknown')],
  ['a deposit on an unknown account', deposit(() => ({ accountId: randomUUID() })), unknown],
  ['a deposit on another’s account', deposit(({ stranger }) => ({ accountId: stranger.id })), unknown],
  [
    'a deposit on a closed account',
    deposit(({ closed }) => ({ accountId: closed.id })),
    precondition('account_closed'),
  ],
  ['a deposit without a key', deposit(() => ({ idempotencyKey: '' })), invalid('idempotency_key')],
  ['a deposit with a key too long', deposit(() => ({ idempotencyKey: 'x'.repeat(129) })), invalid('idempotency_key')],
  [
    'a release on somebody else’s account',
    ({ stranger, orderId, portfolio }) => orders(portfolio).release({ orderId, accountId: stranger.id, reason: '' }),
    { code: 'not_found', reason: 'reservation_not_found', field: 'order_id' },
  ],
  ['a withdrawal below zero', withdraw(() => ({ amount: -1n })), invalid('amount', 'amount_not_positive')],
  ['a withdrawal of everything', withdraw(() => ({ amount: max })), invalid('amount', 'amount_too_large')],
  [
    'a withdrawal in another currency',
    withdraw(() => ({ currency: 'EUR' })),
    precondition('wrong_currency', 'currency'),
  ],
  ['a withdrawal from an unknown account', withdraw(() => ({ accountId: randomUUID() })), unknown],
  ['a withdrawal from another’s account', withdraw(({ stranger }) => ({ accountId: stranger.id })), unknown],
  ['a withdrawal without a key', withdraw(() => ({ idempotencyKey: '' })), invalid('idempotency_key')],
  ['a deposit with a key that stands for another', deposit(() => ({ idempotencyKey: USED_KEY })), reused],
  ['a withdrawal of nothing', withdraw(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
  ['a withdrawal with a key that stands for another', withdraw(() => ({ idempotencyKey: USED_KEY })), reused],
  [
    'a withdrawal of more than there is',
    withdraw(() => ({ amount: 1001n * MICRO })),
    precondition('insufficient_funds', 'amount'),
  ],
  [
    'a withdrawal from a closed account',
    withdraw(({ closed }) => ({ accountId: closed.id })),
    precondition('account_closed'),
  ],
  ['a transfer of nothing', transfer(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
  ['a transfer below zero', transfer(() => ({ amount: -1n })), invalid('amount', 'amount_not_positive')],
  ['a transfer of everything', transfer(() => ({ amount: max })), invalid('amount', 'amount_too_large')],
  ['a transfer with a key that stands for another', transfer(() => ({ idempotencyKey: USED_KEY })), reused],
  ['a transfer without a key', transfer(() => ({ idempotencyKey: '' })), invalid('idempotency_key')],
  [
    'a transfer from an unknown account',
    transfer(() => ({ fromAccountId: randomUUID() })),
    { ...unknown, field: 'from_account_id' },
  ],
  [
    'a transfer to an unknown account',
    transfer(() => ({ toAccountId: randomUUID() })),
    { ...unknown, field: 'to_account_id' },
  ],
  [
    'a transfer from a closed account',
    transfer(({ closed }) => ({ fromAccountId: closed.id })),
    precondition('account_closed', 'from_account_id'),
  ],
  [
    'a transfer to itself',
    transfer(({ victim }) => ({ toAccountId: victim.id })),
    invalid('to_account_id', 'same_account'),
  ],
  [
    'a transfer to another user',
    transfer(({ stranger }) => ({ toAccountId: stranger.id })),
    { code: 'not_found', field: 'to_account_id' },
  ],
  [
    'a transfer from another user',
    transfer(({ stranger }) => ({ fromAccountId: stranger.id })),
    { code: 'not_found', field: 'from_account_id' },
  ],
  [
    'a transfer to a closed account',
    transfer(({ closed }) => ({ toAccountId: closed.id })),
    precondition('account_closed', 'to_account_id'),
  ],
  [
    'a transfer of more than there is',
    transfer(() => ({ amount: 1001n * MICRO })),
    precondition('insufficient_funds', 'amount'),
  ],
  ['a deposit of less than a cent', deposit(() => ({ amount: 1_000n })), invalid('amount', 'amount_off_minor_unit')],
  [
    'a deposit of a part of a cent',
    deposit(() => ({ amount: MICRO + 1n })),
    invalid('amount', 'amount_off_minor_unit'),
  ],
  ['an adjustment of nothing', adjust(() => ({ amount: 0n })), invalid('amount', 'amount_zero')],
  ['an adjustment of everything', adjust(() => ({ amount: -max })), invalid('amount', 'amount_too_large')],
  ['an adjustment without a reason', adjust(() => ({ reason: '  ' })), invalid('reason')],
  ['an adjustment of nothing anybody knows', adjust(() => ({ asset: 'us$' })), invalid('asset', 'symbol_invalid')],
  ['shares added without a cost', adjust(() => ({ asset: 'AAPL' })), invalid('cost_px')],
  ['shares added at a cost below zero', adjust(() => ({ asset: 'AAPL', costPx: -1n })), invalid('cost_px')],
  ['shares added at any cost', adjust(() => ({ asset: 'AAPL', costPx: max })), invalid('cost_px', 'amount_too_large')],
  ['shares removed at a cost', adjust(() => ({ asset: 'AAPL', amount: -1n, costPx: 0n })), invalid('cost_px')],
  ['money at a cost', adjust(() => ({ costPx: 0n })), invalid('cost_px')],
  [
    'shares for an account that does not trade',
    adjust(({ savings }) => ({ accountId: savings.id, asset: 'AAPL', costPx: 0n })),
    precondition('account_kind_cannot_trade', 'asset'),
  ],
  [
    'shares removed that are not there',
    adjust(() => ({ asset: 'AAPL', amount: -11n * MICRO })),
    precondition('insufficient_shares', 'amount'),
  ],
  ['an adjustment in another currency', adjust(() => ({ asset: 'GBP' })), precondition('wrong_currency', 'asset')],
  ['an adjustment of an unknown account', adjust(() => ({ accountId: randomUUID() })), unknown],
  [
    'an adjustment of a closed account',
    adjust(({ closed }) => ({ accountId: closed.id })),
    precondition('account_closed'),
  ],
  [
    'an adjustment below what is there',
    adjust(() => ({ amount: -1001n * MICRO })),
    precondition('insufficient_funds', 'amount'),
  ],
  ['an account with a key that stands for another', open({ idempotencyKey: USED_KEY }), reused],
  ['an account without a key', open({ idempotencyKey: '' }), invalid('idempotency_key')],
  ['an account of no kind', open({ kind: 0 }), invalid('kind')],
  ['an account in no currency', open({ currency: 'BTC' }), invalid('currency')],
  ['an account without a name', open({ name: '   ' }), invalid('name')],
  ['an account whose name nobody sees', open({ name: '\u3164' }), invalid('name')],
  ['an account whose name turns around what stands beside it', open({ name: 'Savings\u202e' }), invalid('name')],
  ['an account whose name looks like another', open({ name: 'Sav\u200bings' }), invalid('name')],
  ['an account with a long name', open({ name: 'x'.repeat(61) }), invalid('name')],
  ['a fee below zero', fees({ perOrder: -1n }), invalid('schedule.per_order', 'fee_out_of_range')],
  ['a maximum below the minimum', fees({ minimum: 2n, maximum: 1n }), invalid('schedule.maximum')],
  ['fees for the past', fees({ effectiveFromUs: 1n }), precondition('fee_schedule_in_the_past')],
  ['fees whose name nobody sees', fees({ name: '\u2060' }), invalid('schedule.name')],
  ['fees without a name', fees({ name: '' }), invalid('schedule.name')],
  [
    'a cursor that somebody made up',
    ({ victim }) =>
      victim.client.listActivities({
        accountId: victim.id,
        types: [],
        symbol: '',
        fromUs: 0n,
        toUs: 0n,
        oldestFirst: false,
        withBalance: false,
        page: { first: 1, after: Buffer.from('["1","2"]').toString('base64url') },
      }),
    invalid('page.after'),
  ],
  [
    'more spans than a century of months',
    ({ victim }) => victim.client.listActiveSpans({ accountId: victim.id, boundsUs: Array(1202).fill(1n) }),
    invalid('bounds_us'),
  ],
  [
    'a span before time began',
    ({ victim }) => victim.client.listActiveSpans({ accountId: victim.id, boundsUs: [0n, -1n] }),
    invalid('bounds_us[1]'),
  ],
  [
    'a page too long',
    ({ victim }) => victim.client.listFundings({ accountId: victim.id, page: { first: 201, after: '' } }),
    invalid('page.first'),
  ],
  [
    'a period that is none',
    ({ victim }) => victim.client.getHistory({ accountId: victim.id, period: 0 }),
    invalid('period'),
  ],
  [
    'a quote of nothing',
    ({ victim }) =>
      victim.client.getSummary({
        accountId: victim.id,
        quotes: [{ symbol: 'AAPL', px: 0n, previousClose: 0n, asOfUs: 0n }],
      }),
    invalid('quotes[0].px'),
  ],
];

describe('a bad request', () => {
  test.each(rows)('%s', async (_, send, refusal) => {
    await expect(send(world)).rejects.toMatchObject(refusal);
  });
});

test('nothing of it has changed anything', async () => {
  expect(await everything(world)).toEqual(before);
  await expectClean(world.portfolio);
});

test('an order’s id with another request is refused, and holds what it held', async () => {
  const request = buyOf(world.victim, 1n, 1n, { orderId: world.orderId });
  const { client } = world.victim;
  const held = async () => (await client.getAccount({ accountId: world.victim.id })).account?.cashReserved;
  const changes = [
    { amount: 2n * MICRO },
    { qty: 2n * MICRO },
    { symbol: 'MSFT' },
    { accountId: world.other.id },
    { replaces: randomUUID() },
    { side: Side.SIDE_SELL, asset: 'AAPL' },
  ];
  for (const change of changes) {
    const other = orders(world.portfolio).reserve({ ...request, ...change });
    await expect(other).rejects.toMatchObject({ code: 'already_exists', reason: 'order_id_reused', field: 'order_id' });
  }
  expect(await held()).toBe(MICRO);
});
