import type { Tx } from '@andvari/kit/db/types';
import type { SessionState } from '../domain/market-clock.ts';
import type { MarketHours } from '../domain/trading-days.ts';

export interface ToldSession {
  readonly hours: MarketHours;
  readonly state: SessionState;
  readonly atUs: bigint;
  readonly logMadeAt: string;
}

export async function lockSession(tx: Tx): Promise<ToldSession | undefined> {
  const [row] = await tx<ToldSession[]>`
    select hours, state, at_us as "atUs", log_made_at as "logMadeAt" from market_session for update`;
  return row;
}

export async function saveSession(tx: Tx, { hours, state, atUs, logMadeAt }: ToldSession): Promise<void> {
  await tx`
    insert into market_session (hours, state, at_us, log_made_at) values (${hours}, ${state}, ${atUs}, ${logMadeAt})
    on conflict (single) do update
    set hours = excluded.hours, state = excluded.state, at_us = excluded.at_us, log_made_at = excluded.log_made_at`;
}
