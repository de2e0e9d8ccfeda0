import type { Tx } from '@andvari/kit/db/types';
import type { Log } from '@andvari/kit/observe/log';
import { fitsInt64, type Micros, toMicros } from '@andvari/money';
import { v7 as uuidv7 } from 'uuid';
import { refuseAction, refuseCurrency } from '../domain/account.ts';
import type { Currency } from '../domain/asset.ts';
import {
  type Funding,
  type FundingEvent,
  type FundingLimits,
  type FundingState,
  type FundingType,
  fundingTransition,
  limitOf,
  MINOR_UNIT,
  refuseFunding,
} from '../domain/funding.ts';
import { depositJournal, withdrawalJournal } from '../domain/journal.ts';
import { fundingChangedEvent } from '../messages/events.ts';
import type { Bank } from '../ports/bank.ts';
import { lockAccounts } from '../store/accounts.ts';
import {
  findFunding,
  fundedSince,
  fundingsInFlight,
  insertFunding,
  isAnyInFlight,
  listFundings,
  lockFundings,
  postponeFundings,
  releaseHolds,
  saveStates,
} from '../store/fundings.ts';
import type { Deps } from './deps.ts';
import { holdForWithdrawals, postJournals } from './post-journals.ts';
import { refusal } from './refusals.ts';
import { withIdempotencyKey } from './with-idempotency-key.ts';

export type FundingDeps = Deps & {
  bank: Bank;
  limits: FundingLimits;
  /** Somebody asked for something: the worker need not wait for its next round. */
  wakeWorker: () => void;
  log: Log;
  count: (type: FundingType, state: FundingState) => void;
  countFailure: (step: string) => void;
};

export type FundingRequest = {
  readonly type: FundingType;
  readonly accountId: string;
  /** The account's owner. */
  readonly userId: string;
  readonly currency: Currency;
  readonly amount: Micros;
  readonly key: string;
};

const DAY_US = 86_400_000_000n;
const BATCH = 64;
/** A bank that does not answer is asked again soon; a step that fails, by our own fault, waits for us. */
const MOST_BETWEEN_QUESTIONS_MS = 5000;
const MOST_BETWEEN_STEPS_MS = 60_000;

type Step = { readonly event: FundingEvent; readonly reason: string };

/**
 * Money on its way. A request writes down what is to happen; a worker takes it step by step, each step one transaction that
 * leaves a state from which the next step follows. So the worker may die anywhere, and whoever works next goes on.
 */
export function createFundings(deps: FundingDeps) {
  const { db, now, commit, wakeWorker, bank, limits, log, count, countFailure } = deps;
  return {
    async request({ type, accountId, userId, currency, amount, key }: FundingRequest): Promise<Funding> {
      const funding = await commit(async (tx, say) => {
        const request = { type, accountId, currency, amount };
        const keyed = { userId, key, operation: 'funding', request };
        const { answer } = await withIdempotencyKey(tx, keyed, async () => {
          await refuseRequest(tx, { type, accountId, userId, currency, amount });
          const at = now();
          const state = type === 'deposit' ? 'requested' : 'held';
          const times = { requestedAtUs: at, updatedAtUs: at };
          const made: Funding = {
            id: uuidv7(),
            accountId,
            userId,
            type,
            currency,
            amount,
            state,
            reason: '',
            ...times,
          };
          await insertFunding(tx, made);
          // A withdrawal is held back before it is even written down as wanted, so the answer says whether there was enough.
          if (type === 'withdrawal') await hold(tx, made);
          say(fundingChangedEvent(made));
          return { id: made.id };
        });
        return findFunding(tx, answer.id);
      });
      if (funding === undefined) throw new Error('a funding that was made is not there');
      wakeWorker();
      return funding;
    },

    find(id: string): Promise<Funding | undefined> {
      return findFunding(db, id);
    },

    list(query: Parameters<typeof listFundings>[1]): Promise<Funding[]> {
      return listFundings(db, query);
    },

    /** Takes the next step of what has waited longest. True when there may be more to do. */
    async work(): Promise<boolean | 'asleep'> {
      const inFlight = await fundingsInFlight(db, BATCH);
      if (inFlight.length === 0 && !(await isAnyInFlight(db))) return 'asleep';
      const steps = await Promise.all(inFlight.map(async (funding) => ({ funding, step: await nextStep(funding) })));
      const unanswered = steps.filter(({ step }) => step === undefined).map(({ funding }) => funding.id);
      if (unanswered.length > 0) await postponeFundings(db, unanswered, MOST_BETWEEN_QUESTIONS_MS);
      let moved = 0;
      for (const [event, group] of Map.groupBy(steps, ({ step }) => step?.event)) {
        if (event === undefined) continue;
        moved += await moveTogether(group.flatMap(({ funding, step }) => (step ? [{ id: funding.id, step }] : [])));
      }
      return moved > 0;
    },
  };

  async function refuseRequest(tx: Tx, request: Omit<FundingRequest, 'key'>): Promise<void> {
    const { type, accountId, userId, currency, amount } = request;
    const account = (await lockAccounts(tx, [accountId], 'use')).get(accountId);
    if (account === undefined) throw refusal('account_not_found');
    const wrong =
      refuseAction(account, type === 'deposit' ? 'deposit' : 'withdraw') ?? refuseCurrency(account, currency);
    if (wrong !== undefined) throw refusal(wrong);
    if (type === 'deposit' && !fitsInt64(account.cashPosted + amount)) throw refusal('amount_out_of_range');
    const at = now();
    const today = await fundedSince(tx, { userId, type, currency, sinceUs: at - (at % DAY_US) });
    const refused =
      refuseFunding(amount, limits, today) ??
      // What is left of a dividend or a fee may be less than a cent, and has to be able to leave.
      (type === 'deposit' && amount % MINOR_UNIT !== 0n ? 'amount_off_minor_unit' : undefined);
    if (refused !== undefined) throw refusal(refused, { numbers: { amount, ...limitOf(refused, limits, today) } });
  }

  /** Undefined while the bank has not answered. It is asked outside of any transaction. */
  async function nextStep(funding: Funding): Promise<Step | undefined> {
    switch (funding.state) {
      case 'requested':
        return { event: 'hold', reason: '' };
      case 'held':
        return { event: 'send', reason: '' };
      case 'sent':
        return askBank(funding);
      case 'settled':
      case 'returned':
      case 'failed':
        return undefined;
    }
  }

  async function askBank(funding: Funding): Promise<Step | undefined> {
    try {
      const answer = await bank.send(funding);
      return answer.outcome === 'settled'
        ? { event: 'settle', reason: '' }
        : { event: answer.outcome === 'returned' ? 'return' : 'fail', reason: answer.reason };
    } catch (error) {
      log.warn(
        { event: 'bank_unavailable', err: error, funding: funding.id },
        'the bank did not answer; it is asked again',
      );
      return undefined;
    }
  }

  /** In one transaction if that can be; if not, each in its own, so that one that cannot be holds up nobody else. */
  async function moveTogether(moves: readonly { id: string; step: Step }[]): Promise<number> {
    try {
      return await move(moves);
    } catch (error) {
      if (moves.length > 1) {
        let moved = 0;
        for (const one of moves) moved += await moveTogether([one]);
        return moved;
      }
      const [one] = moves;
      if (one !== undefined) await postponeFundings(db, [one.id], MOST_BETWEEN_STEPS_MS);
      log.error(
        { event: 'funding_step_failed', err: error, funding: one?.id },
        'a step of a funding failed; it is tried again later',
      );
      countFailure(one?.step.event ?? 'none');
      return 0;
    }
  }

  /** All by the same event. Whatever has moved on meanwhile is left alone. */
  async function move(moves: readonly { id: string; step: Step }[]): Promise<number> {
    const steps = new Map(moves.map(({ id, step }) => [id, step]));
    const changed = await commit(async (tx, say) => {
      const next = (await lockFundings(tx, [...steps.keys()])).flatMap((funding) => {
        const step = steps.get(funding.id);
        const transition = step && fundingTransition(funding.state, step.event);
        if (step === undefined || transition === undefined) return [];
        const effect = transition.effect[funding.type];
        return [{ effect, funding: { ...funding, state: transition.to, reason: step.reason, updatedAtUs: now() } }];
      });
      if (next.length === 0) return [];
      const withEffect = (...effects: string[]) =>
        next.filter(({ effect }) => effects.includes(effect)).map(({ funding }) => funding);
      const fundings = next.map(({ funding }) => funding);
      await releaseHolds(
        tx,
        withEffect('release').map(({ id }) => id),
      );
      await post(tx, withEffect('credit', 'debit_held'));
      await saveStates(tx, fundings, now());
      say(...fundings.map(fundingChangedEvent));
      return fundings;
    });
    for (const { type, state } of changed) count(type, state);
    return changed.length;
  }
}

async function post(tx: Tx, fundings: readonly Funding[]): Promise<void> {
  if (fundings.length === 0) return;
  const outcomes = await postJournals(
    tx,
    fundings.map(({ id, type, accountId, currency, amount, updatedAtUs }) => {
      const movement = { fundingId: id, accountId, currency, amount: toMicros(amount), at: updatedAtUs };
      return type === 'deposit'
        ? { journal: depositJournal(movement) }
        : { journal: withdrawalJournal(movement), spends: id };
    }),
  );
  const wrong = outcomes.find(({ outcome }) => outcome !== 'posted' && outcome !== 'repeated');
  if (wrong !== undefined) throw new Error(`what the bank has settled cannot be booked: ${wrong.outcome}`);
}

async function hold(tx: Tx, { id, accountId, currency, amount }: Funding): Promise<void> {
  const [outcome] = await holdForWithdrawals(tx, [{ fundingId: id, accountId, currency, amount }]);
  if (outcome === 'insufficient') throw refusal('insufficient_funds', { numbers: { needed: amount } });
  if (outcome !== 'held') throw new Error(`a withdrawal could not be held: ${outcome}`);
}
