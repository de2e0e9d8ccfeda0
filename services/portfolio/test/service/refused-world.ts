import { MICRO } from '@andvari/money';
import { AccountKind, type FeeSchedule } from '@andvari/proto/portfolio/v1/portfolio';
import { giveShares, type Opened, opened, openPortfolio, type Portfolio } from './portfolio-fixture.ts';

/** What a test speaks of: somebody's accounts, and a stranger's. */
export interface World {
  portfolio: Portfolio;
  victim: Opened;
  savings: Opened;
  closed: Opened;
  stranger: Opened;
  fundingId: string;
}

export async function openWorld(): Promise<World> {
  const portfolio = await openPortfolio();
  const victim = await opened(portfolio, { cash: 1000n * MICRO });
  await giveShares(portfolio, victim, 10n);
  const { userId } = victim;
  const savings = await opened(portfolio, { kind: AccountKind.ACCOUNT_KIND_SAVINGS, cash: 1000n * MICRO, userId });
  const closed = await opened(portfolio, { userId });
  await closed.client.closeAccount({ accountId: closed.id });
  const stranger = await opened(portfolio);
  const { funding } = await savings.client.deposit({
    accountId: savings.id,
    currency: 'USD',
    amount: 1n,
    idempotencyKey: 'first',
  });
  await portfolio.restart();
  return { portfolio, victim, savings, closed, stranger, fundingId: funding?.id ?? '' };
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
