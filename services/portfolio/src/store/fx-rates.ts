import type { Tx } from '@andvari/kit/db/types';
import type { Rate } from '@andvari/money';
import type { Currency } from '../domain/asset.ts';

export type StoredRate = {
  readonly id: string;
  readonly base: Currency;
  readonly quote: Currency;
  readonly rate: Rate;
  readonly asOfUs: bigint;
};

export async function insertRate(tx: Tx, { id, base, quote, rate, asOfUs }: StoredRate): Promise<void> {
  await tx`
    insert into fx_rates (id, base, quote, rate, as_of)
    values (${id}, ${base}, ${quote}, ${rate}, to_timestamp(${asOfUs}::float8 / 1e6))`;
}
