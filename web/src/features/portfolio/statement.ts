import type { Client } from '@urql/core';
import type { ActivitiesQuery } from '../../api/generated/graphql.ts';
import type { Activity } from './activity-grid.tsx';
import { csvOf, withBalances } from './activity-rules.ts';
import { Activities } from './documents.ts';

export interface StatementAccount {
  accountId: string;
  openedAt: string;
}

/** The months since the account was opened, the newest first; "2026-11". */
export function monthsSince(openedAt: string, nowMs: number): string[] {
  const [first, last] = [new Date(openedAt), new Date(nowMs)];
  const months: string[] = [];
  for (let at = monthStart(last); at >= monthStart(first); at = monthStart(new Date(at.getTime() - 1)))
    months.push(at.toISOString().slice(0, 7));
  return months;
}

const monthStart = (date: Date): Date => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));

const PAGE = 100;

/**
 * All that was booked in a month, oldest first, each with the balance after it. Read back from the balance of now, so that the
 * last line of one month and the first of the next fit together. Undefined where somebody did not answer: half a statement is none.
 */
export async function statementOf(client: Client, accountId: string, month: string): Promise<string | undefined> {
  const rows: Activity[] = [];
  let cash: string | undefined;
  for (let after: string | null = null; ; ) {
    const { data } = await client
      .query<ActivitiesQuery>(
        String(Activities),
        { accountId, filter: { from: `${month}-01T00:00:00Z` }, first: PAGE, after },
        { requestPolicy: 'network-only' },
      )
      .toPromise();
    const page: NonNullable<ActivitiesQuery['account']>['activities'] | undefined = data?.account?.activities;
    if (page == null || data?.account == null) return undefined;
    cash ??= data.account.cash;
    const known = new Set(rows.map(({ id }) => id));
    rows.push(...page.nodes.filter(({ id }) => !known.has(id)));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  const all = withBalances(rows, cash).filter(({ occurredAt }) => occurredAt.startsWith(month));
  return csvOf(
    all
      .toReversed()
      .map(({ occurredAt, type, symbol, quantity, price, amount, currency, realizedPnl, balance, reference }) => ({
        time: occurredAt,
        type,
        symbol,
        quantity,
        price,
        amount,
        currency,
        realizedPnl,
        balance,
        reference,
      })),
  );
}
