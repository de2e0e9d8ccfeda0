import { randomUUID } from 'node:crypto';
import { MICRO } from '@andvari/money';
import { Side } from '@andvari/proto/engine/v1/commands';
import { AccountKind } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { as, buyOf, expectClean, operator, orders, sellOf } from './portfolio-fixture.ts';
import { everything, feeSchedule, openWorld, type World } from './refused-world.ts';

let world: World;
let before: object;
beforeAll(async () => {
  world = await openWorld();
  before = await everything(world);
});
afterAll(() => world.portfolio.close());

const beyond = 10n ** 18n + 1n;
const max = 2n ** 63n - 1n;
type Row = [
  rule: string,
  send: (world: World) => Promise<unknown>,
  refusal: { code: string; reason?: string; field?: string },
];
const reserve =
  (change: (world: World) => object): Row[1] =>
  (given) =>
    orders(world.portfolio).reserve({ ...buyOf(given.victim, 1n, 1n), ...change(given) });
const deposit =
  (change: (world: World) => object): Row[1] =>
  ({ victim }) =>
    victim.client.deposit({
      accountId: victim.id,
      currency: 'USD',
      amount: 1n,
      idempotencyKey: randomUUID(),
      ...change(world),
    });
const withdraw =
  (change: (world: World) => object): Row[1] =>
  ({ victim }) =>
    victim.client.withdraw({
      accountId: victim.id,
      currency: 'USD',
      amount: 1n,
      idempotencyKey: randomUUID(),
      ...change(world),
    });
const transfer =
  (change: (world: World) => object): Row[1] =>
  ({ victim, savings }) =>
    victim.client.transfer({
      fromAccountId: victim.id,
      toAccountId: savings.id,
      amount: 1n,
      idempotencyKey: randomUUID(),
      ...change(world),
    });
const adjust =
  (change: (world: World) => object): Row[1] =>
  ({ victim }) =>
    operator(world.portfolio).adjust({
      accountId: victim.id,
      asset: 'USD',
      amount: 1n,
      reason: 'x',
      idempotencyKey: randomUUID(),
      ...change(world),
    });
const open =
  (change: object): Row[1] =>
  ({ victim: { userId, client } }) =>
    client.openAccount({
      userId,
      kind: AccountKind.ACCOUNT_KIND_SAVINGS,
      currency: 'USD',
      name: 'x',
      idempotencyKey: 'x',
      ...change,
    });
const fees =
  (change: object): Row[1] =>
  () =>
    operator(world.portfolio).setFeeSchedule({ schedule: feeSchedule(change) });
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
const unknown = { code: 'not_found', reason: 'account_not_found', field: 'account_id' };

const rows: Row[] = [
  ['a reservation of nothing', reserve(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
  ['below zero', reserve(() => ({ amount: -1n })), invalid('amount', 'amount_not_positive')],
  ['of the largest number there is', reserve(() => ({ amount: max })), invalid('amount', 'amount_too_large')],
  ['of no shares', reserve(() => ({ qty: 0n })), invalid('qty', 'amount_not_positive')],
  ['of fewer than none', reserve(() => ({ qty: -MICRO })), invalid('qty', 'amount_not_positive')],
  ['of more than there are', reserve(() => ({ qty: beyond })), invalid('qty', 'amount_too_large')],
  ['on neither side', reserve(() => ({ side: Side.SIDE_UNSPECIFIED })), invalid('side')],
  ['of money that is none', reserve(() => ({ asset: 'XXX' })), invalid('asset', 'currency_unknown')],
  ['in another currency', reserve(() => ({ asset: 'CAD' })), precondition('wrong_currency', 'asset')],
  [
    'of a currency as a share',
    reserve(({ victim }) => sellOf(victim, 1n, { symbol: 'USD', asset: 'USD' })),
    invalid('symbol'),
  ],
  ['of shares of another symbol', reserve(({ victim }) => sellOf(victim, 1n, { asset: 'MSFT' })), invalid('asset')],
  ['of fewer shares than are sold', reserve(({ victim }) => sellOf(victim, 2n, { amount: MICRO })), invalid('amount')],
  ['of a symbol that is none', reserve(() => ({ symbol: '{x,"y' })), invalid('symbol', 'symbol_invalid')],
  ['for an order without an id', reserve(() => ({ orderId: '' })), invalid('order_id')],
  ['on no account', reserve(() => ({ accountId: 'x' })), invalid('account_id')],
  ['on an unknown account', reserve(() => ({ accountId: randomUUID() })), unknown],
  [
    'on a closed account',
    reserve(({ closed }) => ({ accountId: closed.id })),
    precondition('account_closed', 'account_id'),
  ],
  [
    'on a savings account',
    reserve(({ savings }) => ({ accountId: savings.id })),
    precondition('account_kind_cannot_trade', 'account_id'),
  ],
  [
    'of more money than there is',
    reserve(() => ({ amount: 1001n * MICRO })),
    precondition('insufficient_buying_power', 'amount'),
  ],
  [
    'of more shares than there are',
    reserve(({ victim }) => sellOf(victim, 11n)),
    precondition('insufficient_shares', 'amount'),
  ],
  [
    'of shares never held',
    reserve(({ victim }) => sellOf(victim, 1n, { symbol: 'MSFT', asset: 'MSFT' })),
    precondition('insufficient_shares', 'amount'),
  ],
  [
    'in the place of an unknown order',
    reserve(() => ({ replaces: randomUUID() })),
    precondition('order_not_replaceable', 'replaces'),
  ],
  [
    'a release of what is not reserved',
    ({ victim }) => orders(world.portfolio).release({ orderId: randomUUID(), accountId: victim.id, reason: '' }),
    { code: 'not_found', reason: 'reservation_not_found', field: 'order_id' },
  ],
  ['a deposit of nothing', deposit(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
  ['a deposit below zero', deposit(() => ({ amount: -1n })), invalid('amount', 'amount_not_positive')],
  ['a deposit of everything', deposit(() => ({ amount: max })), invalid('amount', 'amount_too_large')],
  ['a deposit in another currency', deposit(() => ({ currency: 'EUR' })), precondition('wrong_currency', 'currency')],
  ['a deposit in no currency', deposit(() => ({ currency: '' })), invalid('currency', 'currency_unknown')],
  ['a deposit on an unknown account', deposit(() => ({ accountId: randomUUID() })), unknown],
  ['a deposit on another’s account', deposit(({ stranger }) => ({ accountId: stranger.id })), unknown],
  [
    'a deposit on a closed account',
    deposit(({ closed }) => ({ accountId: closed.id })),
    precondition('account_closed'),
  ],
  ['a deposit without a key', deposit(() => ({ idempotencyKey: '' })), invalid('idempotency_key')],
  ['a deposit with a key too long', deposit(() => ({ idempotencyKey: 'x'.repeat(129) })), invalid('idempotency_key')],
  ['a withdrawal of nothing', withdraw(() => ({ amount: 0n })), invalid('amount', 'amount_not_positive')],
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
  ['an adjustment of nothing', adjust(() => ({ amount: 0n })), invalid('amount', 'amount_zero')],
  ['an adjustment of everything', adjust(() => ({ amount: -max })), invalid('amount', 'amount_too_large')],
  ['an adjustment without a reason', adjust(() => ({ reason: '  ' })), invalid('reason')],
  ['an adjustment of shares', adjust(() => ({ asset: 'AAPL' })), invalid('asset', 'currency_unknown')],
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
  ['an account of no kind', open({ kind: 0 }), invalid('kind')],
  ['an account in no currency', open({ currency: 'BTC' }), invalid('currency')],
  ['an account without a name', open({ name: '   ' }), invalid('name')],
  ['an account with a long name', open({ name: 'x'.repeat(61) }), invalid('name')],
  ['a fee below zero', fees({ perOrder: -1n }), invalid('schedule.per_order', 'fee_out_of_range')],
  ['a maximum below the minimum', fees({ minimum: 2n, maximum: 1n }), invalid('schedule.maximum')],
  ['fees for the past', fees({ effectiveFromUs: 1n }), precondition('fee_schedule_in_the_past')],
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
        page: { first: 1, after: Buffer.from('["1","2"]').toString('base64url') },
      }),
    invalid('page.after'),
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
      victim.client.getSummary({ accountId: victim.id, quotes: [{ symbol: 'AAPL', px: 0n, previousClose: 0n }] }),
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

test('an id that somebody else’s order has is refused', async () => {
  const request = buyOf(world.victim, 1n, 1n);
  await orders(world.portfolio).reserve(request);
  const other = orders(world.portfolio).reserve({ ...request, amount: 2n * MICRO });
  await expect(other).rejects.toMatchObject({ code: 'already_exists', reason: 'order_id_reused', field: 'order_id' });
  expect(
    (await as(world.portfolio, world.victim.userId).getAccount({ accountId: world.victim.id })).account?.cashReserved,
  ).toBe(MICRO);
});
