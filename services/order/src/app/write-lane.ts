import { batch } from '@andvari/kit/base/batch';
import { AppError } from '@andvari/kit/base/errors';
import { lastly } from '@andvari/kit/db/db';
import type { Tx } from '@andvari/kit/db/types';
import type { Say } from '@andvari/kit/outbox/commit';
import { groupIdsOf, type Order } from '../domain/order.ts';
import type { Refusal } from '../domain/refusal.ts';
import { orderPlacedEvent } from '../messages/events.ts';
import { insertEvents } from '../store/order-events.ts';
import { findOpenOfGroups, findOrdersOrFences, lockOrders } from '../store/read-orders.ts';
import { insertOrders, saveLives } from '../store/write-orders.ts';
import { type CancelRequest, Changes, type ToReplace } from './decide-changes.ts';
import type { Deps } from './deps.ts';
import { openUsage, type Usage } from './key-usage.ts';
import { openPlaced, type Saved, type ToSave } from './save-placed.ts';

/** What is written of orders, each answered for itself. */
export interface WriteLane {
  place(item: ToSave): Promise<Saved>;
  cancel(request: CancelRequest): Promise<Order | Refusal>;
  /** The new order; why the old one stays; or that the id of the new one is taken. */
  replace(item: ToReplace): Promise<Order | Refusal | 'taken'>;
}

type Ask =
  | { readonly kind: 'place'; readonly item: ToSave }
  | { readonly kind: 'cancel'; readonly item: CancelRequest }
  | { readonly kind: 'replace'; readonly item: ToReplace };

type Answer =
  | { readonly kind: 'place'; readonly answer: Saved }
  | { readonly kind: 'cancel'; readonly answer: Order | Refusal }
  | { readonly kind: 'replace'; readonly answer: Order | Refusal | 'taken' };

const MAX_BATCH = 256;
const MAX_WAITING = 4000;

/**
 * Placing, cancelling and replacing in one lane: whatever is asked while a transaction is under way is in the next one, with the
 * news of it. A round trip and a commit cost the same for one order as for a hundred.
 */
export function createWriteLane({
  now,
  commit,
  commands,
  metrics,
}: Pick<Deps, 'now' | 'commit' | 'commands' | 'metrics'>) {
  const write = batch(writeAll, { maxBatch: MAX_BATCH, maxWaiting: MAX_WAITING, onFull: overloaded });

  const lane: WriteLane = {
    async place(item) {
      const answered = await write({ kind: 'place', item });
      return answered.kind === 'place' ? answered.answer : mixedUp();
    },
    async cancel(item) {
      const answered = await write({ kind: 'cancel', item });
      return answered.kind === 'cancel' ? answered.answer : mixedUp();
    },
    async replace(item) {
      const answered = await write({ kind: 'replace', item });
      return answered.kind === 'replace' ? answered.answer : mixedUp();
    },
  };
  return lane;

  async function writeAll(asks: readonly Ask[]): Promise<(Answer | Error)[]> {
    try {
      return await writeTogether(asks);
    } catch (error) {
      const kinds = [...new Set(asks.map(({ kind }) => kind))];
      if (kinds.length === 1) throw error;
      // What is wrong with one kind is not the others' fault.
      const answers = new Map<Ask, Answer | Error>();
      for (const kind of kinds) {
        const those = asks.filter((ask) => ask.kind === kind);
        const theirs = await writeTogether(those).catch((again: Error) => those.map(() => again));
        for (const [at, ask] of those.entries()) answers.set(ask, theirs[at] ?? mixedUp());
      }
      return asks.map((ask) => answers.get(ask) ?? mixedUp());
    }
  }

  async function writeTogether(asks: readonly Ask[]): Promise<Answer[]> {
    const atUs = now();
    const { answers, changed } = await commit((tx, say) => writeIn(tx, say, asks, atUs));
    for (const change of changed) metrics.changes.inc({ change });
    return answers;
  }

  /** Cancels are decided before replacements; whatever comes at the same moment has no order of its own. */
  async function writeIn(tx: Tx, say: Say, asks: readonly Ask[], atUs: bigint) {
    const toPlace = asks.flatMap((ask) => (ask.kind === 'place' ? [ask.item] : []));
    const toCancel = asks.flatMap((ask) => (ask.kind === 'cancel' ? [ask.item] : []));
    const toReplace = asks.flatMap((ask) => (ask.kind === 'replace' ? [ask.item] : []));
    const groupIds = groupIdsOf(toReplace.map(({ order }) => order));
    const olds = [...toCancel.map(({ orderId }) => orderId), ...toReplace.map(({ replaces }) => replaces)];
    const usage = await openUsage(tx, [...toPlace, ...toReplace], atUs);
    const placed = openPlaced(tx, toPlace, usage);
    const [locked, there] = await Promise.all([
      lockOrders(tx, [...new Set(olds)], groupIds),
      findOrdersOrFences(
        tx,
        toReplace.map(({ order }) => order.id),
      ),
    ]);
    // Behind the locks: another transaction may have put a sibling's replacement there while this one waited.
    const changes = new Changes(locked, await findOpenOfGroups(tx, groupIds), commands, atUs);
    const cancelled = toCancel.map((request) => changes.cancel(request));
    const { chosen, refusals } = chooseReplacements(toReplace, changes, usage, new Set(there.keys()));
    const inserted = await insertOrders(tx, [...placed.firsts, ...chosen.map(({ order }) => order)]);
    const { fresh, saved } = await placed.finish(inserted);
    const replacing = chosen.filter(({ order }) => inserted.has(order.id));
    for (const item of replacing) changes.replace(item);
    await Promise.all([
      lastly(tx, saveLives(tx, [...changes.changed.values()]), insertEvents(tx, changes.events)),
      usage.count([...fresh, ...replacing]),
    ]);
    for (const { orders, command } of fresh) say(...orders.map(orderPlacedEvent), command());
    say(...changes.news);
    const replaced = toReplace.map((item) => (replacing.includes(item) ? item.order : (refusals.get(item) ?? 'taken')));
    return { answers: inTheirOrder(asks, { saved, cancelled, replaced }), changed: changes.kinds() };
  }
}

/** Which replacements are to be tried: one of each old order, and of each new id that is not there. The others have their answer. */
function chooseReplacements(items: readonly ToReplace[], changes: Changes, usage: Usage, there: ReadonlySet<string>) {
  const ids = new Set(there);
  const chosen: ToReplace[] = [];
  const refusals = new Map<ToReplace, Refusal | 'taken'>();
  for (const item of items) {
    const { id } = item.order;
    const refusal = ids.has(id) ? 'taken' : (changes.refuseReplacing(item) ?? usage.refusalOf(item));
    if (refusal === undefined) {
      changes.offer(item);
      chosen.push(item);
    } else refusals.set(item, refusal);
    ids.add(id);
  }
  return { chosen, refusals };
}

function inTheirOrder(
  asks: readonly Ask[],
  answered: {
    saved: readonly Saved[];
    cancelled: readonly (Order | Refusal)[];
    replaced: readonly (Order | Refusal | 'taken')[];
  },
): Answer[] {
  const [saved, cancelled, replaced] = [
    answered.saved.values(),
    answered.cancelled.values(),
    answered.replaced.values(),
  ];
  return asks.map(({ kind }): Answer => {
    if (kind === 'place') return { kind, answer: saved.next().value ?? mixedUp() };
    if (kind === 'cancel') return { kind, answer: cancelled.next().value ?? mixedUp() };
    return { kind, answer: replaced.next().value ?? mixedUp() };
  });
}

function mixedUp(): never {
  throw new Error('an answer is not of what was asked');
}

export function overloaded(): AppError {
  return new AppError('resource_exhausted', 'too many orders are waiting', { reason: 'overloaded' });
}
