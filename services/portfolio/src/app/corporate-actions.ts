import { AppError } from '@andvari/kit/base/errors';
import type { Wakeable } from '@andvari/kit/base/wakeable';
import { afterwards } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import type { Log } from '@andvari/kit/observe/log';
import type { Say } from '@andvari/kit/outbox/commit';
import { toQuantity, ZERO } from '@andvari/money';
import {
  type CorporateAction,
  type Dividend,
  dividendOf,
  refuseCorporateAction,
  type Split,
  splitBalance,
  splitHolding,
} from '../domain/corporate-action.ts';
import { across, dividendJournal, type Ledger, splitJournal } from '../domain/journal.ts';
import { FLAT } from '../domain/position.ts';
import { SettlementBatch } from '../domain/settlement-batch.ts';
import { corporateActionPostedEvent, dividendPaidEvent, splitAppliedEvent } from '../messages/events.ts';
import { type AccountFacts, findAccountFacts } from '../store/account-facts.ts';
import { insertActionLine } from '../store/activities.ts';
import {
  countHolders,
  findActionDigest,
  findLot,
  insertAction,
  isAnyUntold,
  isSplitPending,
  lockFinished,
  lockPending,
  lockSymbol,
  markDone,
  markTold,
  noteHolders,
  type PendingAction,
  pendingActions,
  recountLater,
  splittingSymbols,
} from '../store/corporate-actions.ts';
import { loadLots, loadPositions } from '../store/load-settlement-batch.ts';
import { lockLedger, saveLedger } from '../store/locked-ledger.ts';
import { saveHoldings } from '../store/save-settlement-batch.ts';
import type { Deps } from './deps.ts';

const BATCH = 200;
/** A split that another instance heard of is noticed within so long. */
const SPLITS_KEPT_MS = 1000;
/** So long into new prices whoever judged an order by an old one has reserved for it, or has given up. */
const SETTLE_US = 3_000_000n;

export type CorporateActions = ReturnType<typeof createCorporateActions>;

/**
 * Splits and dividends. The word of one is written down with all whom it concerns; then each account is dealt with in a transaction of its
 * own, once, however often the work is broken off. See docs/decisions/0022.
 */
export function createCorporateActions({ db, now, commit, bell, log }: Deps & { bell: Wakeable; log: Log }) {
  let splitting: Promise<Set<string>> | undefined;

  return {
    /** In the transaction that takes the event. */
    async applied(tx: Tx, action: CorporateAction, digest: string): Promise<void> {
      const wrong = refuseCorporateAction(action);
      if (wrong !== undefined)
        throw new AppError('failed_precondition', `${action.id} makes no sense`, { reason: wrong });
      await lockSymbol(tx, action.symbol, 'to note');
      if (!(await insertAction(tx, action, digest))) {
        if ((await findActionDigest(tx, action.id)) === digest) return;
        throw new AppError('failed_precondition', `${action.id} was told otherwise before`, {
          reason: 'corporate_action_differs',
        });
      }
      await noteHolders(tx, action);
      splitting = undefined;
      // Rung before the commit, the worker would look, find nothing and sleep.
      afterwards(tx, () => bell.ring());
    },

    /** Deals with some of those who wait. True when there may be more to do at once. */
    async work(signal: AbortSignal): Promise<boolean | 'asleep'> {
      if (!(await isAnyUntold(db))) return 'asleep';
      const pending = await pendingActions(db, BATCH);
      let done = 0;
      for (const one of pending) {
        if (signal.aborted) return false;
        if (await dealtWith(one)) done += 1;
      }
      await tellFinished();
      // The house comes when everybody else is done.
      return done > 0;
    },

    /** Until an account's shares are counted anew nobody orders any for it: its old orders come to their end first. */
    async isSplitPending(accountId: string, symbol: string): Promise<boolean> {
      splitting ??= loadSplitting();
      return (await splitting).has(symbol) && isSplitPending(db, accountId, symbol);
    },
  };

  async function tellFinished(): Promise<void> {
    await commit(async (tx, say) => {
      for (const { id, symbol } of await lockFinished(tx, now() - SETTLE_US)) {
        await markTold(tx, id);
        say(corporateActionPostedEvent({ actionId: id, symbol, accounts: await countHolders(tx, id) }));
      }
    });
  }

  function loadSplitting(): Promise<Set<string>> {
    const loading = splittingSymbols(db);
    const forget = (): void => {
      if (splitting === loading) splitting = undefined;
    };
    loading.catch(forget);
    setTimeout(forget, SPLITS_KEPT_MS).unref();
    return loading;
  }

  /** What cannot be done for one holds up nobody else; it is tried again in the next round. */
  async function dealtWith(pending: PendingAction): Promise<boolean> {
    try {
      return await commit((tx, say) => dealWith(tx, pending, say));
    } catch (error) {
      const { action, accountId } = pending;
      log.error(
        { event: 'corporate_action_failed', err: error, action: action.id, account: accountId },
        'a corporate action cannot be applied to an account',
      );
      return false;
    }
  }
}

async function dealWith(tx: Tx, pending: PendingAction, say: Say): Promise<boolean> {
  const { action, accountId } = pending;
  const account = (await findAccountFacts(tx, [accountId])).get(accountId);
  if (account === undefined) throw new Error(`there is no account ${accountId}`);
  if (!(await apply(tx, pending, account, say))) return false;
  await markDone(tx, action.id, accountId);
  return true;
}

function apply(tx: Tx, pending: PendingAction, account: AccountFacts, say: Say): Promise<boolean> {
  const { action } = pending;
  if (action.type === 'cash_dividend') return pay(tx, pending, account, action, say);
  if (account.kind === 'house') return splitHouse(tx, pending, account, action, say);
  return split(tx, pending, account, action, say);
}

async function split(
  tx: Tx,
  pending: PendingAction,
  account: AccountFacts,
  action: CorporateAction & Split,
  say: Say,
): Promise<boolean> {
  const { accountId } = pending;
  const { id, symbol, at } = action;
  const holding = { accountId, symbol };
  await lockSymbol(tx, symbol, 'to split');
  const [balances, isPending, positions, smallest] = await Promise.all([
    lockLedger(tx, ledgersOf(account, symbol)),
    lockPending(tx, pending),
    loadPositions(tx, [holding]),
    findLot(tx, symbol),
  ]);
  if (!isPending) return false;
  await recountLater(tx, accountId, action);
  const position = positions.values().next().value?.position ?? FLAT;
  if (position.qty === 0n) return true;
  const lots = await loadLots(tx, [{ ...holding, qty: position.qty }]);
  const batch = new SettlementBatch(new Map(), positions, lots, new Map());
  const reference = `${id}/${accountId}`;
  const result = splitHolding(action, {
    position,
    lots: batch.lots(holding),
    smallest,
    newLotId: (index) => `${reference}/${index}`,
  });
  const { shares, cash, realised } = result;
  batch.moved({ ...holding, execId: reference, at }, result);
  batch.moved({ ...holding, execId: reference, at }, { position: result.position, lots: result.opened, closings: [] });
  const { currency } = account;
  const journal = splitJournal({ reference, accountId, symbol, currency, shares, cash, at });
  // A ratio of one changes nothing, and nothing has no journal.
  if (journal.entries.length === 0) return true;
  const journalId = balances.post(journal);
  const line = { accountId, journalId, symbol, currency, reference, at } as const;
  await Promise.all([
    saveLedger(tx, balances),
    saveHoldings(tx, batch),
    insertActionLine(tx, {
      ...line,
      type: 'split',
      qty: shares,
      price: action.referencePrice,
      amount: cash,
      realised,
    }),
  ]);
  const { userId } = account;
  const { qty } = result.position;
  say(splitAppliedEvent({ accountId, userId, actionId: id, symbol, qty, change: shares, cash, journalId }));
  return true;
}

/** The house's trading account has a balance and nothing else; it is mostly short of what clients bought. */
async function splitHouse(
  tx: Tx,
  pending: PendingAction,
  account: AccountFacts,
  action: CorporateAction & Split,
  say: Say,
): Promise<boolean> {
  const { accountId } = pending;
  const { id, symbol, at } = action;
  const { currency, userId } = account;
  await lockSymbol(tx, symbol, 'to split');
  const [balances, isPending] = await Promise.all([
    lockLedger(tx, ledgersOf(account, symbol)),
    lockPending(tx, pending),
  ]);
  if (!isPending) return false;
  const before = balances.find({ of: 'account', accountId, asset: symbol })?.posted ?? ZERO;
  const shares = splitBalance(action, before);
  if (shares === 0n) return true;
  const reference = `${id}/${accountId}`;
  const journalId = balances.post(splitJournal({ reference, accountId, symbol, currency, shares, cash: ZERO, at }));
  await saveLedger(tx, balances);
  const qty = before + shares;
  say(splitAppliedEvent({ accountId, userId, actionId: id, symbol, qty, change: shares, cash: ZERO, journalId }));
  return true;
}

async function pay(
  tx: Tx,
  pending: PendingAction,
  account: AccountFacts,
  action: CorporateAction & Dividend,
  say: Say,
): Promise<boolean> {
  const { accountId } = pending;
  const { id, symbol, currency, at } = action;
  if (account.currency !== currency)
    throw new AppError('failed_precondition', `${accountId} is kept in ${account.currency}`, {
      reason: 'wrong_currency',
    });
  const [balances, isPending] = await Promise.all([
    lockLedger(tx, ledgersOf(account, symbol)),
    lockPending(tx, pending),
  ]);
  if (!isPending) return false;
  const amount = dividendOf(action, { ...FLAT, qty: toQuantity(pending.qty) });
  if (amount === 0n) return true;
  const reference = `${id}/${accountId}`;
  const journalId = balances.post(dividendJournal({ reference, accountId, currency, amount, at }));
  const line = { accountId, journalId, symbol, currency, reference, at, amount } as const;
  await Promise.all([
    saveLedger(tx, balances),
    insertActionLine(tx, { ...line, type: 'dividend', qty: pending.qty, price: action.perShare, realised: ZERO }),
  ]);
  const { userId } = account;
  say(dividendPaidEvent({ accountId, userId, actionId: id, symbol, qty: pending.qty, amount, currency, journalId }));
  return true;
}

function ledgersOf({ id: accountId, currency }: AccountFacts, symbol: string): Ledger[] {
  return [
    { of: 'account', accountId, asset: currency },
    { of: 'account', accountId, asset: symbol },
    across('house', accountId, currency),
    across('house', accountId, symbol),
  ];
}
