import { randomUUID } from 'node:crypto';
import { MICRO } from '@andvari/money';
import { AccountKind, type FeeSchedule } from '@andvari/proto/portfolio/v1/portfolio';
import {
  buyOf,
  giveShares,
  type Opened,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
} from './portfolio-fixture.ts';

/** What a test speaks of: somebody's accounts, and a stranger's. */
export interface World {
  portfolio: Portfolio;
  victim: Opened;
  savings: Opened;
  /** As the first, another of the same owner's. */
  other: Opened;
  closed: Opened;
  stranger: Opened;
  fundingId: string;
  /** Of one share, for one unit. */
  orderId: string;
}

/** What the owner asked the deposit with. */
export const USED_KEY = 'first';

export async function openWorld(): Promise<World> {
  const portfolio = await openPortfolio();
  const victim = await opened(portfolio, { cash: 1000n * MICRO });
  await giveShares(portfolio, victim, 10n);
  const { userId } = victim;
  const savings = await opened(portfolio, { kind: AccountKind.ACCOUNT_KIND_SAVINGS, cash: 1000n * MICRO, userId });
  const other = await opened(portfolio, { userId, cash: 1000n * MICRO });
  const closed = await opened(portfolio, { userId });
  await closed.client.closeAccount({ accountId: closed.id });
  const stranger = await opened(portfolio);
  const { funding } = await savings.client.deposit({
    accountId: savings.id,
    currency: 'USD',
    amount: MICRO,
    idempotencyKey: USED_KEY,
  });
  const { orderId } = await orders(portfolio).reserve(buyOf(victim, 1n, 1n));
  await portfolio.restart();
  return { portfolio, victim, savings, other, closed, stranger, orderId, fundingId: funding?.id ?? '' };
}

/** What a refusal leaves alone. */
export async function everything({ portfolio }: World): Promise<object> {
  const [row] = await portfolio.db`
    select (select count(*)::int from accounts) as accounts, (select count(*)::int from reservations) as reservations,
      (select count(*)::int from entries where journal_id not in (select id from journals where kind = 'deposit')) as entries,
      (select count(*)::int from fundings) as fundings, (select count(*)::int from fee_schedules) as schedules,
      (select count(*)::int from idempotency_keys) as keys, (select string_agg(name, ',' order by id) from accounts) as names`;
  return row ?? {};
}

export function feeSchedule(change: object): FeeSchedule {
  const none = { perOrder: 0n, perShare: 0n, basisPoints: 0n, minimum: 0n, maximum: 0n };
  return { id: '', name: 'x', effectiveFromUs: 0n, ...none, ...change };
}

/** Something that should be refused: a good request but for the change. */
export type Send = (world: World) => Promise<unknown>;

export const reserve =
  (change: (world: World) => object): Send =>
  (world) =>
    orders(world.portfolio).reserve({ ...buyOf(world.victim, 1n, 1n), ...change(world) });

export const deposit =
  (change: (world: World) => object): Send =>
  (world) =>
    world.victim.client.deposit({
      accountId: world.victim.id,
      currency: 'USD',
      amount: MICRO,
      idempotencyKey: randomUUID(),
      ...change(world),
    });

export const withdraw =
  (change: (world: World) => object): Send =>
  (world) =>
    world.victim.client.withdraw({
      accountId: world.victim.id,
      currency: 'USD',
      amount: 1n,
      idempotencyKey: randomUUID(),
      ...change(world),
    });

export const transfer =
  (change: (world: World) => object): Send =>
  (world) =>
    world.victim.client.transfer({
      fromAccountId: world.victim.id,
      toAccountId: world.savings.id,
      amount: 1n,
      idempotencyKey: randomUUID(),
      ...change(world),
    });

export const adjust =
  (change: (world: World) => object): Send =>
  (world) =>
    operator(world.portfolio).adjust({
      accountId: world.victim.id,
      asset: 'USD',
      amount: 1n,
      reason: 'x',
      idempotencyKey: randomUUID(),
      ...change(world),
    });

export const open =
  (change: object): Send =>
  ({ victim: { userId, client } }) =>
    client.openAccount({
      userId,
      kind: AccountKind.ACCOUNT_KIND_SAVINGS,
      currency: 'USD',
      name: 'x',
      idempotencyKey: 'x',
      ...change,
    });

export const fees =
  (change: object): Send =>
  ({ portfolio }) =>
    operator(portfolio).setFeeSchedule({ schedule: feeSchedule(change) });
