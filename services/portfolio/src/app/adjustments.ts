import type { Tx } from '@andvari/kit/db/types';
import type { Say } from '@andvari/kit/outbox/commit';
import { type Micros, negate, type Price, ZERO } from '@andvari/money';
import { v7 as uuidv7 } from 'uuid';
import { refuseAsset } from '../domain/account.ts';
import { type Asset, isCurrency } from '../domain/asset.ts';
import { type Adjustment, adjustmentJournal } from '../domain/journal.ts';
import { adjustmentPostedEvent } from '../messages/events.ts';
import type { QuoteSource } from '../ports/quotes.ts';
import { lockAccounts } from '../store/accounts.ts';
import { postShareAdjustment } from './adjust-shares.ts';
import type { Deps } from './deps.ts';
import { postJournals } from './post-journals.ts';
import { refusal, withinRange } from './refusals.ts';
import { withIdempotencyKey } from './with-idempotency-key.ts';

export type AdjustRequest = {
  readonly accountId: string;
  readonly asset: Asset;
  /** Signed. */
  readonly amount: Micros;
  /** Of one share, where shares are added. */
  readonly costPrice?: Micros;
  readonly reason: string;
  readonly key: string;
  /** Who says so; empty when a service does. */
  readonly operatorId: string;
};

export type Adjusted = { readonly journalId: string; readonly costBasis: bigint };

export type AdjustmentDeps = Deps & { quotes: QuoteSource; requireListed: (symbol: string) => Promise<void> };

const A_SERVICE = '00000000-0000-0000-0000-000000000000';

/** An operator's corrections, of money and of shares, against the house. */
export function createAdjustments({ now, commit, quotes, requireListed }: AdjustmentDeps) {
  return {
    async adjust({ key, operatorId, ...request }: AdjustRequest): Promise<Adjusted> {
      // A slip of the past is taken away whatever its symbol.
      if (!isCurrency(request.asset) && request.amount > 0n) await requireListed(request.asset);
      const quote = isCurrency(request.asset) ? undefined : (await quotes()).get(request.asset)?.price;
      const keyed = { userId: operatorId === '' ? A_SERVICE : operatorId, key, operation: 'adjust', request };
      const { answer } = await withinRange(() =>
        commit((tx, say) =>
          withIdempotencyKey(tx, keyed, () => adjust(tx, { ...request, key, operatorId }, quote, say)),
        ),
      );
      return { journalId: answer.journalId, costBasis: BigInt(answer.costBasis) };
    },
  };

  async function adjust(tx: Tx, request: AdjustRequest, quote: Price | undefined, say: Say) {
    const { accountId, asset, amount, reason, operatorId } = request;
    const account = (await lockAccounts(tx, [accountId], 'use')).get(accountId);
    if (account === undefined) throw refusal('account_not_found');
    if (account.status === 'closed') throw refusal('account_closed');
    const wrong = refuseAsset(account, asset);
    if (wrong !== undefined) throw refusal(wrong, { field: 'asset' });
    const adjustment = { id: uuidv7(), accountId, asset, amount, reason, at: now() };
    const { journalId, cost } = isCurrency(asset)
      ? await moveMoney(tx, adjustment)
      : await moveShares(tx, {
          ...adjustment,
          costPrice: request.costPrice ?? ZERO,
          currency: account.currency,
          quote,
        });
    const { userId } = account;
    say(adjustmentPostedEvent({ accountId, userId, operatorId, asset, amount, reason, journalId, costBasis: cost }));
    return { journalId, costBasis: cost.toString() };
  }
}

async function moveMoney(tx: Tx, adjustment: Adjustment): Promise<Moved> {
  const [outcome] = await postJournals(tx, [{ journal: adjustmentJournal(adjustment) }]);
  if (outcome?.outcome === 'insufficient') {
    const numbers = { needed: negate(adjustment.amount), available: outcome.available };
    throw refusal('insufficient_funds', { numbers });
  }
  if (outcome?.outcome !== 'posted') throw new Error(`an adjustment could not be booked: ${outcome?.outcome}`);
  return { journalId: outcome.journalId, cost: ZERO };
}

async function moveShares(tx: Tx, adjustment: Parameters<typeof postShareAdjustment>[1]): Promise<Moved> {
  const outcome = await postShareAdjustment(tx, adjustment);
  if (outcome.outcome === 'posted') return outcome;
  const numbers = { needed: negate(adjustment.amount), available: outcome.available };
  throw refusal('insufficient_shares', { numbers });
}

type Moved = { readonly journalId: string; readonly cost: Micros };
