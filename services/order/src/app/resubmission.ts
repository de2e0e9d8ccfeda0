import type { OutgoingEvent } from '@andvari/kit/events/event';
import type { Order } from '../domain/order.ts';
import type { Commands } from '../messages/commands.ts';
import { findOperatorCancels } from '../store/order-events.ts';
import { findAwaiting, findGroups, lockOrders } from '../store/read-orders.ts';
import { saveLives } from '../store/write-orders.ts';
import type { Deps } from './deps.ts';

export type ResubmissionDeps = Pick<Deps, 'db' | 'now' | 'commit' | 'commands' | 'metrics' | 'log'> & {
  /** Whether the engine has read its whole log, and we all that it has said: only then is silence a loss. */
  isQuiet: () => Promise<boolean>;
  afterMs: number;
};

const BATCH = 128;

/**
 * An order of which the engine has never said anything, or a change that it never decided, was lost on the way: a stream may
 * lose what it has acknowledged. The command is made anew from the rows and sent again; the engine knows it by the order's id.
 */
export function createResubmission(deps: ResubmissionDeps) {
  const { db, now, commit, commands, metrics, log, isQuiet, afterMs } = deps;

  return {
    /** True when there is more to do at once. */
    async sweep(): Promise<boolean> {
      const beforeUs = now() - BigInt(afterMs) * 1000n;
      const due = await findAwaiting(db, beforeUs, BATCH);
      metrics.awaiting.set(due.length);
      if (due.length === 0 || !(await isQuiet())) return false;
      const sent = await commit(async (tx, say) => {
        const locked = await lockOrders(tx, await withSiblings(due));
        const still = locked.filter(({ life }) => life.awaitingSinceUs > 0n && life.awaitingSinceUs < beforeUs);
        const operators = await findOperatorCancels(
          tx,
          still.filter(({ life }) => life.pending === 'cancel').map(({ id }) => id),
        );
        const events = still.flatMap((order) => unansweredCommands(order, locked, commands, operators.has(order.id)));
        const atUs = now();
        // The next round is for what is then still unanswered.
        await saveLives(
          tx,
          still.map(({ id, life }) => ({ id, life: { ...life, awaitingSinceUs: atUs } })),
        );
        say(...events.map(({ event }) => event));
        return events;
      });
      for (const { kind } of sent) metrics.resent.inc({ kind });
      if (sent.length > 0) {
        log.warn(
          { event: 'commands_resubmitted', commands: sent.length },
          'commands that the engine never answered were sent again',
        );
      }
      return due.length === BATCH;
    },
  };

  async function withSiblings(due: readonly Order[]): Promise<string[]> {
    const groups = due.flatMap(({ group }) => (group === undefined ? [] : [group.id]));
    const legs = await findGroups(db, groups);
    return [...new Set([...due, ...legs].map(({ id }) => id))];
  }
}

/** In the order in which they would have been sent: the placing first, then what was asked of it since. */
export function unansweredCommands(
  order: Order,
  others: readonly Order[],
  commands: Commands,
  cancelledByOperator = false,
): { kind: string; event: OutgoingEvent }[] {
  const { life, replaces, group } = order;
  const found: { kind: string; event: OutgoingEvent }[] = [];
  if (life.status === 'pending_new') {
    if (replaces !== undefined) found.push({ kind: 'replace', event: commands.replace(order) });
    else if (group === undefined) found.push({ kind: 'place', event: commands.place(order) });
    else if (group.leg === 0) found.push({ kind: 'place_group', event: commands.placeGroup(legsOf(group.id, others)) });
  }
  // A replacement that is under way is sent by the order that is to come.
  if (life.pending === 'cancel') found.push({ kind: 'cancel', event: commands.cancel(order, cancelledByOperator) });
  return found;
}

function legsOf(groupId: string, orders: readonly Order[]): Order[] {
  return orders
    .filter(({ group, replaces }) => group?.id === groupId && replaces === undefined)
    .toSorted((one, other) => (one.group?.leg ?? 0) - (other.group?.leg ?? 0));
}
