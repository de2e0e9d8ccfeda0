import type { Tx } from '@andvari/kit/db/types';
import type { Say } from '@andvari/kit/outbox/commit';
import type { Micros } from '@andvari/money';
import { v7 as uuidv7 } from 'uuid';
import { type OpenedAccount, refuseAction } from '../domain/account.ts';
import type { Currency } from '../domain/asset.ts';
import {
  type Exchange,
  type ExchangeLimits,
  exchanged,
  exchangeLimitOf,
  exchangeOf,
  refuseExchange,
  shownRate,
} from '../domain/exchange.ts';
import { transferJournal } from '../domain/journal.ts';
import { transferPostedEvent } from '../messages/events.ts';
import type { RateSource } from '../ports/fx-rates.ts';
import { lockAccounts } from '../store/accounts.ts';
import { exchangedSince, insertExchange } from '../store/fx-rates.ts';
import type { Deps } from './deps.ts';
import { postJournals } from './post-journals.ts';
import { refusal, withinRange } from './refusals.ts';
import { withIdempotencyKey } from './with-idempotency-key.ts';

export type TransferDeps = Deps & {
  rates: RateSource;
  exchangeLimits: ExchangeLimits;
  /** What the house keeps of an exchange, in micro-units of one. */
  spread: bigint;
};

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
  readonly fxSpread: bigint;
};

const DAY_US = 86_400_000_000n;

/** Between accounts of one user. Across currencies the rate is asked for first, then written down with the journal it explains. */
export function createTransfers(deps: TransferDeps) {
  const { now, commit, rates, exchangeLimits, spread } = deps;
  return {
    async transfer({ from, to, amount, key }: TransferRequest): Promise<Transferred> {
      if (from.id === to.id) throw refusal('same_account');
      const exchange = from.currency === to.currency ? undefined : await exchangeBetween(from.currency, to.currency);
      const request = { from: from.id, to: to.id, amount };
      const keyed = { userId: from.userId, key, operation: 'transfer', request };
      const { answer } = await withinRange(() =>
        commit((tx, say) => withIdempotencyKey(tx, keyed, () => post(tx, { from, to, amount }, exchange, say))),
      );
      const { journalId, amountOut, amountIn, fxRateId, fxRate, fxSpread = '0' } = answer;
      const amounts = { amountOut: BigInt(amountOut), amountIn: BigInt(amountIn) };
      return { journalId, ...amounts, fxRateId, fxRate: BigInt(fxRate), fxSpread: BigInt(fxSpread) };
    },
  };

  /** A rate that nobody vouches for any more is none. */
  async function exchangeBetween(from: Currency, to: Currency): Promise<Exchange> {
    const used = await rates([from, to].filter((currency) => currency !== 'USD'));
    const exchange = exchangeOf(from, to, used, spread);
    if (exchange === undefined || used.some(({ validUntilUs }) => validUntilUs < now()))
      throw refusal('rate_unavailable');
    return exchange;
  }

  async function refuseBeyondLimits(tx: Tx, { from, amount }: Omit<TransferRequest, 'key'>): Promise<void> {
    const at = now();
    const { userId, currency } = from;
    const today = await exchangedSince(tx, { userId, currency, sinceUs: at - (at % DAY_US) });
    const refused = refuseExchange(amount, exchangeLimits, today);
    if (refused !== undefined) {
      throw refusal(refused, { numbers: { amount, ...exchangeLimitOf(refused, exchangeLimits, today) } });
    }
  }

  async function post(
    tx: Tx,
    { from, to, amount }: Omit<TransferRequest, 'key'>,
    exchange: Exchange | undefined,
    say: Say,
  ) {
    await refuseUse(tx, from.id, to.id);
    if (exchange !== undefined) await refuseBeyondLimits(tx, { from, to, amount });
    const received = exchange === undefined ? amount : exchanged(amount, exchange);
    if (received <= 0n) throw refusal('amount_too_small');
    const fxRateId = uuidv7();
    if (exchange !== undefined) await insertExchange(tx, fxRateId, exchange);
    const journal = transferJournal({
      id: uuidv7(),
      from: { accountId: from.id, currency: from.currency, amount },
      to: { accountId: to.id, currency: to.currency, amount: received },
      at: now(),
      ...(exchange === undefined ? {} : { fxRateId }),
    });
    const [outcome] = await postJournals(tx, [{ journal }]);
    if (outcome?.outcome === 'insufficient') {
      throw refusal('insufficient_funds', { numbers: { needed: amount, available: outcome.available } });
    }
    if (outcome?.outcome !== 'posted') throw new Error(`a transfer could not be booked: ${outcome?.outcome}`);
    const { journalId } = outcome;
    say(transferPostedEvent({ from, to, amountOut: amount, amountIn: received, journalId }));
    return {
      journalId,
      amountOut: amount.toString(),
      amountIn: received.toString(),
      fxRateId: exchange === undefined ? '' : fxRateId,
      fxRate: (exchange === undefined ? 0n : shownRate(exchange)).toString(),
      ...(exchange === undefined ? {} : { fxSpread: exchange.spread.toString() }),
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
