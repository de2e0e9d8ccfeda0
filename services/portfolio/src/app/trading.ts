import { setTimeout as pause } from 'node:timers/promises';
import { batch } from '@andvari/kit/base/batch';
import { AppError } from '@andvari/kit/base/errors';
import { transaction } from '@andvari/kit/db/db';
import { isTransient } from '@andvari/kit/db/errors';
import type { Db, Tx } from '@andvari/kit/db/types';
import { INT64_MAX, type Micros, MoneyError, min, type Quantity, toMicros } from '@andvari/money';
import { type AccountKind, type AccountStatus, type OpenedAccount, refuseAction } from '../domain/account.ts';
import { type Currency, isCurrency } from '../domain/asset.ts';
import { type BuyingPower, buyingPower, CASH_ACCOUNT } from '../domain/buying-power.ts';
import { type FeeSchedule, feeDue, NO_FEES } from '../domain/fee-schedule.ts';
import { feeCapOf, type Side } from '../domain/reservation.ts';
import type { GroupRequest } from '../domain/reserve-group.ts';
import { KnownLedgers } from '../store/locked-ledger.ts';
import { findCashHeld, findHeldForOrder, findOrderReservations, type HeldForOrder } from '../store/reservations.ts';
import { type ReserveRequest, releaseBatch, reserveBatch } from '../store/reserve.ts';
import type { CorporateActions } from './corporate-actions.ts';
import type { Deps } from './deps.ts';
import type { Instruments } from './instruments.ts';
import { refusal } from './refusals.ts';
import { type GroupAnswer, releaseInGroup, reserveGroup } from './reserve-groups.ts';
import { type ReplaceAnswer, type ReplaceRequest, reserveReplacements } from './reserve-replacements.ts';

export type TradingDeps = Deps & {
  lanes: number;
  /** The fee schedule in force. */
  schedule: () => Promise<FeeSchedule>;
  instruments: Instruments;
  isSplitPending: CorporateActions['isSplitPending'];
  count: (outcome: ReplaceAnswer['outcome'] | GroupAnswer['outcome']) => void;
};

/** What an order asks for: fees come on top. */
export type ToReserve = Omit<ReserveRequest, 'feeCap' | 'feeScheduleId'> & { readonly replaces?: string };

export type Reserved = {
  readonly remaining: bigint;
  readonly availableAfter: bigint;
  readonly repeated: boolean;
};

/** `userId`: whose reservation it must be; absent when the caller speaks for the system. */
export type ToRelease = { readonly orderId: string; readonly accountId: string; readonly userId?: string };

const MAX_BATCH = 256;
const MAX_WAITING = 4000;
const ATTEMPTS = 5;

/** What orders hold back. Requests that come at the same time share one statement and one commit. */
export function createTrading({ db, lanes, schedule, instruments, isSplitPending, count }: TradingDeps) {
  const ledgers = new KnownLedgers();
  const limits = { maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING, onFull: overloaded };
  const reserveOne = batch((requests: ReserveRequest[]) => persistently(() => reserveBatch(db, requests)), {
    ...limits,
    lanes,
  });
  const replaceOne = batch(
    (requests: ReplaceRequest[]) =>
      persistently(() => transaction(db, (tx) => reserveReplacements(tx, requests, ledgers))),
    limits,
  );
  const releaseOne = batch((requests: ToRelease[]) => persistently(() => release(requests)), limits);

  return {
    async reserve({ replaces, ...asked }: ToReserve): Promise<Reserved> {
      const [fees, request] = await Promise.all([schedule(), inItsCurrency(asked)]);
      if (await isSplitPending(asked.accountId, asked.symbol)) throw refusal('corporate_action_pending');
      const answer =
        replaces === undefined
          ? await reserveOne(withFees(request, fees))
          : // Until somebody sets a schedule there is none to refer to.
            await replaceOne({ ...request, replaces, ...(fees.id === NO_FEES.id ? {} : { schedule: fees }) });
      count(answer.outcome);
      if (answer.outcome !== 'reserved' && answer.outcome !== 'repeated') throw reserveError(request, answer, fees);
      if (request.currency !== undefined) await instruments.traded(request.symbol, request.currency);
      const { remaining, available } = answer;
      return { remaining, availableAfter: available, repeated: answer.outcome === 'repeated' };
    },

    /** What a replacement would hold besides the order that it replaces: reserved as ever, and undone. */
    async wouldReserve({ replaces, ...asked }: ToReserve & { replaces: string }): Promise<Reserved> {
      const [fees, request] = await Promise.all([schedule(), inItsCurrency(asked)]);
      if (await isSplitPending(asked.accountId, asked.symbol)) throw refusal('corporate_action_pending');
      const replacement = { ...request, replaces, ...(fees.id === NO_FEES.id ? {} : { schedule: fees }) };
      const answer = await persistently(() => undone(db, (tx) => reserveReplacements(tx, [replacement])));
      if (answer?.outcome !== 'reserved') throw reserveError(request, answer ?? nobodyAnswered(), fees);
      return { remaining: answer.remaining, availableAfter: answer.available, repeated: false };
    },

    /** For all orders of a group or for none. True when it had been done before. */
    async reserveGroup(asked: GroupRequest): Promise<boolean> {
      const money = asked.legs.find(({ side }) => side === 'buy') ?? asked.legs[0];
      if (money === undefined) throw refusal('group_invalid');
      const { symbol, accountId } = asked;
      const [fees, { currency }] = await Promise.all([
        schedule(),
        inItsCurrency({ symbol, side: money.side, asset: money.asset, currency: asked.currency }),
      ]);
      for (const leg of asked.legs) feeOf(leg, fees);
      if (await isSplitPending(accountId, symbol)) throw refusal('corporate_action_pending');
      const request = { ...asked, currency };
      const answer = await persistently(() => transaction(db, (tx) => reserveGroup(tx, request, fees)));
      count(answer.outcome);
      if (answer.outcome !== 'reserved' && answer.outcome !== 'repeated') throw groupError(answer);
      if (currency !== undefined) await instruments.traded(symbol, currency);
      return answer.outcome === 'repeated';
    },

    async heldForOrder(orderId: string): Promise<HeldForOrder> {
      const held = await findHeldForOrder(db, orderId);
      if (held === undefined) throw refusal('reservation_not_found');
      return held;
    },

    /** What an order pays by the schedule in force; a sale no more than it brings. */
    async fees({ side, qty, amount }: { side: Side; qty: Quantity; amount: Micros }): Promise<Micros> {
      const due = feeDue(await schedule(), { qty, amount });
      return side === 'sell' ? min(due, amount) : due;
    },

    /** What was still held. Released again it is nothing. */
    release(request: ToRelease): Promise<bigint> {
      return releaseOne(request);
    },

    async buyingPower(account: OpenedAccount): Promise<BuyingPower> {
      const cash = await findCashHeld(db, account.id, account.currency);
      return buyingPower({
        accountStatus: account.status,
        cashPosted: toMicros(cash.posted),
        reservedForOrders: toMicros(cash.reserved - cash.forWithdrawals),
        reservedForWithdrawals: toMicros(cash.forWithdrawals),
        multiplier: CASH_ACCOUNT,
      });
    },
  };

  /** A withdrawal's hold has an id as well, and is not for an order to give back. */
  async function release(requests: ToRelease[]): Promise<(bigint | Error)[]> {
    const known = await findOrderReservations(
      db,
      requests.map(({ orderId }) => orderId),
    );
    const allowed = requests.map(({ orderId, accountId, userId }) => {
      const held = known.get(orderId);
      return held?.accountId === accountId && (userId ?? held.userId) === held.userId;
    });
    const inGroup = requests.map(({ orderId }) => {
      const held = known.get(orderId);
      return held?.groupId === null ? undefined : held;
    });
    const answers = await releaseBatch(
      db,
      requests
        .filter((_, place) => allowed[place] && inGroup[place] === undefined)
        .map(({ orderId, accountId }) => ({ id: orderId, accountId })),
    );
    let next = 0;
    const freed: (bigint | Error)[] = [];
    for (const [place, is] of allowed.entries()) {
      const grouped = inGroup[place];
      if (!is) freed.push(refusal('reservation_not_found'));
      else if (grouped === undefined) freed.push(answers[next++]?.freed ?? 0n);
      else freed.push(await transaction(db, (tx) => releaseInGroup(tx, grouped)));
    }
    return freed;
  }

  /** A buy is reserved in what its symbol trades in, and a sale earns it: either way it is the account's own currency, or refused. */
  async function inItsCurrency<Asked extends InMoney>(request: Asked): Promise<Asked> {
    const { side, symbol, asset } = request;
    const known = await instruments.currencyOf(symbol);
    if (side === 'buy' && known !== undefined && known !== asset) throw refusal('wrong_currency', { field: 'asset' });
    const currency = known ?? (isCurrency(asset) ? asset : request.currency);
    return { ...request, ...(currency === undefined ? {} : { currency }) };
  }
}

type InMoney = Pick<ToReserve, 'side' | 'symbol' | 'asset'> & { readonly currency?: Currency | undefined };

function groupError(answer: GroupAnswer): AppError {
  switch (answer.outcome) {
    case 'group_invalid':
    case 'account_not_found':
      return refusal(answer.outcome);
    case 'mismatch':
      return refusal('order_id_reused');
    case 'closed':
      return refusal('reservation_closed');
    case 'account_refused':
      return accountRefused(answer.status, answer.kind);
    case 'wrong_currency':
      return refusal('wrong_currency', { field: 'currency' });
    case 'insufficient': {
      const { side, needed, available } = answer;
      return refusal(side === 'sell' ? 'insufficient_shares' : 'insufficient_buying_power', {
        numbers: { needed, available },
      });
    }
    case 'reserved':
    case 'repeated':
      throw new Error('what was done is not refused');
  }
}

/** The answer of a transaction that leaves nothing behind. */
async function undone<T>(db: Db, work: (tx: Tx) => Promise<T[]>): Promise<T | undefined> {
  const done = new Error('never kept');
  let answers: T[] = [];
  try {
    await transaction(db, async (tx) => {
      answers = await work(tx);
      throw done;
    });
  } catch (error) {
    if (error !== done) throw error;
  }
  return answers[0];
}

function nobodyAnswered(): never {
  throw new Error('a reservation was asked for and not answered');
}

function accountRefused(
  status: AccountStatus | null | undefined,
  kind: AccountKind | 'house' | null | undefined,
): AppError {
  const known = status !== null && status !== undefined && kind !== null && kind !== undefined && kind !== 'house';
  return refusal((known ? refuseAction({ status, kind }, 'trade') : undefined) ?? 'account_not_found');
}

function reserveError(request: ReserveRequest | Omit<ToReserve, 'replaces'>, answer: ReplaceAnswer, fees: FeeSchedule) {
  const needed = answer.needed ?? request.principal + feeOf(request, fees);
  const numbers = { needed, available: answer.available };
  switch (answer.outcome) {
    case 'account_not_found':
      return refusal('account_not_found');
    case 'mismatch':
      return refusal('order_id_reused');
    case 'closed':
      return refusal('reservation_closed');
    case 'not_replaceable':
      return refusal('order_not_replaceable');
    case 'account_refused':
      return accountRefused(answer.accountStatus, answer.accountKind);
    case 'wrong_currency':
      return refusal('wrong_currency', { field: 'asset' });
    case 'insufficient':
      return refusal(request.side === 'sell' ? 'insufficient_shares' : 'insufficient_buying_power', { numbers });
    case 'reserved':
    case 'repeated':
      throw new Error('what was done is not refused');
  }
}

function withFees(request: Omit<ToReserve, 'replaces'>, fees: FeeSchedule): ReserveRequest {
  const feeCap = toMicros(feeOf(request, fees));
  return { ...request, feeCap, ...(fees.id === NO_FEES.id ? {} : { feeScheduleId: fees.id }) };
}

/** A batch is one statement: a number that does not fit must not get into it. */
function feeOf({ side, qty, principal }: Pick<ToReserve, 'side' | 'qty' | 'principal'>, fees: FeeSchedule): bigint {
  try {
    const fee = feeCapOf(side, fees, qty, principal);
    if (principal + fee > INT64_MAX) throw refusal('amount_out_of_range');
    return fee;
  } catch (error) {
    throw error instanceof MoneyError ? refusal('amount_out_of_range', { cause: error }) : error;
  }
}

/** Two batches that were given the same order id on two accounts; one of them sees it when it looks again, a little later. */
async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || error instanceof AppError || !isTransient(error)) throw error;
      await pause(5 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

function overloaded(): AppError {
  return new AppError('resource_exhausted', 'too many reservations are waiting', { reason: 'overloaded' });
}
