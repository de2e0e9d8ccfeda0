import type { Tx } from '@andvari/kit/db/types';
import { type Exchange, shownRate } from '../domain/exchange.ts';

/** The fraction is kept whole: with it, what was received can be computed again to the last micro-unit. */
export async function insertExchange(tx: Tx, id: string, exchange: Exchange): Promise<void> {
  const { from, to, numerator, denominator, spread, asOfUs, sources } = exchange;
  await tx`
    insert into fx_rates (id, base, quote, rate, as_of, numerator, denominator, spread, source)
    values (${id}, ${from}, ${to}, ${shownRate(exchange)}, to_timestamp(${asOfUs}::float8 / 1e6),
      ${numerator.toString()}::text::numeric, ${denominator.toString()}::text::numeric, ${spread}, ${sources})`;
}

/** What a user has exchanged out of a currency since a moment, over all their accounts. */
export async function exchangedSince(
  tx: Tx,
  of: { userId: string; currency: string; sinceUs: bigint },
): Promise<{ amount: bigint; transfers: number }> {
  const [row] = await tx<{ amount: bigint; transfers: number }[]>`
    select coalesce(sum(-line.amount), 0)::bigint as amount, count(*)::int as transfers
    from accounts account
    join activities line on line.account_id = account.id and line.occurred_at >= to_timestamp(${of.sinceUs}::float8 / 1e6)
      and line.type = 'transfer_out' and line.currency = ${of.currency}
    join journals journal on journal.id = line.journal_id and journal.kind = 'fx'
    where account.user_id = ${of.userId}`;
  return row ?? { amount: 0n, transfers: 0 };
}
