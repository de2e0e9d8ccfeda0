import { transaction } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import { type Micros, type Rate, toMicros } from '@andvari/money';
import { convert } from '@andvari/money/fx';
import { v7 as uuidv7 } from 'uuid';
import { type OpenedAccount, refuseAction } from '../domain/account.ts';
import { transferJournal } from '../domain/journal.ts';
import { transferPostedEvent } from '../messages/events.ts';
import type { RateSource } from '../ports/fx-rates.ts';
import { lockAccounts } from '../store/accounts.ts';
import { insertRate } from '../store/fx-rates.ts';
import type { Deps } from './deps.ts';
import { postJournals } from './post-journals.ts';
import { refusal, withinRange } from './refusals.ts';
import { once } from './with-idempotency-key.ts';

export type TransferDeps = Deps & { rates: RateSource };

export type TransferRequest = {
  readonly from: OpenedAccount;
  readonly to: OpenedAccount;
  readonly amount: Micros;
  readonly key: string;
};

export type Transferred = {
  readonly journalId: string;
  readonly amountOut: bigint;
  readonly amountIn: bigint;
  /** Empty and zero within one currency. */
  readonly fxRateId: string;
  readonly fxRate: bigint;
};

type Exchange = { readonly id: string; readonly rate: Rate; readonly asOfUs: bigint };

/** Between accounts of one user. Across currencies the rate is asked for first, then written down with the journal it explains. */
export function createTransfers({ db, now, append, wakeRelay, rates }: TransferDeps) {
  return {
    async transfer({ from, to, amount, key }: TransferRequest): Promise<Transferred> {
      if (from.id === to.id) throw refusal('same_account');
      const exchange =
        from.currency === to.currency ? undefined : { id: uuidv7(), ...(await rates(from.currency, to.currency)) };
      const request = { from: from.id, to: to.id, amount };
      const keyed = { userId: from.userId, key, operation: 'transfer', request };
      const { answer } = await withinRange(() =>
        transaction(db, (tx) => once(tx, keyed, () => post(tx, { from, to, amount }, exchange))),
      );
      wakeRelay();
      const { journalId, amountOut, amountIn, fxRateId, fxRate } = answer;
      return { journalId, amountOut: BigInt(amountOut), amountIn: BigInt(amountIn), fxRateId, fxRate: BigInt(fxRate) };
    },
  };

  async function post(tx: Tx, { from, to, amount }: Omit<TransferRequest, 'key'>, exchange: Exchange | undefined) {
    await refuseUse(tx, from.id, to.id);
    const received = exchange === undefined ? amount : convert(amount, exchange.rate, 'base_to_quote').received;
    if (received <= 0n) throw refusal('amount_too_small');
    if (exchange !== undefined) await insertRate(tx, { ...exchange, base: from.currency, quote: to.currency });
    const journal = transferJournal({
      id: uuidv7(),
      from: { accountId: from.id, currency: from.currency, amount },
      to: { accountId: to.id, currency: to.currency, amount: received },
      at: now(),
      ...(exchange === undefined ? {} : { fxRateId: exchange.id }),
    });
    const [outcome] = await postJournals(tx, [{ journal }]);
    if (outcome?.outcome === 'insufficient') {
      throw refusal('insufficient_funds', { numbers: { needed: amount, available: outcome.available } });
    }
    if (outcome?.outcome !== 'posted') throw new Error(`a transfer could not be booked: ${outcome?.outcome}`);
    const { journalId } = outcome;
    await append(tx, [transferPostedEvent({ from, to, amountOut: amount, amountIn: received, journalId })]);
    return {
      journalId,
      amountOut: amount.toString(),
      amountIn: received.toString(),
      fxRateId: exchange?.id ?? '',
      fxRate: (exchange?.rate ?? toMicros(0n)).toString(),
    };
  }
}

async function refuseUse(tx: Tx, fromId: string, toId: string): Promise<void> {
  const accounts = await lockAccounts(tx, [fromId, toId], 'use');
  for (const [id, action, field] of [
    [fromId, 'transfer_out', 'from_account_id'],
    [toId, 'transfer_in', 'to_account_id'],
  ] as const) {
    const account = accounts.get(id);
    const refused = account === undefined ? 'account_not_found' : refuseAction(account, action);
    if (refused !== undefined) throw refusal(refused, { field });
  }
}
