import { currentContext, noCaller, withContext } from '@andvari/kit/base/context';
import { Command } from '@andvari/proto/engine/v1/commands';
import type { Order } from '../domain/order.ts';
import { operatorActedEvent } from '../messages/events.ts';
import { findUnexpected } from '../store/kept-reports.ts';
import { findCommands } from '../store/sent-commands.ts';
import type { Actor } from './change-request.ts';
import type { createChanging } from './changing.ts';
import type { Deps } from './deps.ts';
import type { createPositions } from './positions.ts';
import type { createReading } from './reading.ts';

export interface OperatorDeps extends Pick<Deps, 'db' | 'engine' | 'portfolio' | 'commit' | 'now'> {
  reading: ReturnType<typeof createReading>;
  changing: ReturnType<typeof createChanging>;
  positions: ReturnType<typeof createPositions>;
}

const MAX_EVENTS = 200;
const SECOND_US = 1_000_000n;

/** What people who run the market may see and do, all of it told to the audit trail. */
export function createOperators(deps: OperatorDeps) {
  const { db, engine, portfolio, commit, now, reading, changing, positions } = deps;
  return {
    async story(orderId: string) {
      const order = await reading.get(orderId, undefined);
      const [events, executions, atEngine, held, unexpected, commands] = await Promise.all([
        reading.history(orderId, undefined, undefined, MAX_EVENTS),
        reading.executionsOf([orderId], undefined, MAX_EVENTS),
        engine.order(orderId).catch(() => 'unavailable' as const),
        portfolio.reservation(orderId).catch(() => 'unavailable' as const),
        findUnexpected(db, orderId),
        commandsOf(order),
      ]);
      return { order, events, executions, atEngine, held, unexpected, commands };
    },

    async cancel(orderId: string, operatorId: string): Promise<Order> {
      const actor = { kind: 'operator', id: operatorId } as const;
      const order = await changing.cancel({ orderId, userId: undefined, accountId: undefined, actor });
      const { accountId, userId } = order;
      await tell({ accountId, userId, operatorId, action: 'cancel_order', orderId, reason: '' });
      return order;
    },

    /** Cancels all that is open and sells all that is free; asked again until nothing is left. */
    async liquidate(accountId: string, operatorId: string, reason: string, key: string) {
      const actor: Actor = { kind: 'operator', id: operatorId };
      // The ledger would not let the operator touch another's account: this is the service's own doing.
      return asService(async () => {
        const { userId } = await portfolio.account(accountId);
        await tell({ accountId, userId, operatorId, action: 'liquidate_account', orderId: '', reason });
        return positions.closeAll({ accountId, userId }, key, actor);
      });
    },
  };

  /** The outbox has no index for this: it is looked at around the moments the order was placed and last changed. */
  async function commandsOf({ id, spec, placedAtUs, life }: Order) {
    const { symbol } = spec;
    const found = await findCommands(db, {
      symbol,
      fromUs: placedAtUs - SECOND_US,
      toUs: (life.finishedAtUs === 0n ? now() : life.finishedAtUs) + SECOND_US,
    });
    return found.flatMap(({ payload, ...sent }) => {
      const { body } = Command.decode(payload);
      return body !== undefined && namesOrder(body, id) ? [{ ...sent, kind: body.$case }] : [];
    });
  }

  async function tell(of: Parameters<typeof operatorActedEvent>[0]): Promise<void> {
    await commit(async (_tx, say) => say(operatorActedEvent(of)));
  }
}

function namesOrder(body: NonNullable<Command['body']>, id: string): boolean {
  switch (body.$case) {
    case 'placeOrder':
    case 'cancelOrder':
      return body.value.orderId === id;
    case 'replaceOrder':
      return body.value.orderId === id || body.value.newOrderId === id;
    case 'placeGroup':
      return body.value.legs.some(({ orderId }) => orderId === id);
    case 'quote':
    case 'defineInstrument':
    case 'setSession':
    case 'setHalt':
    case 'expireDayOrders':
    case 'applySplit':
      return false;
  }
}

function asService<T>(work: () => Promise<T>): Promise<T> {
  const context = currentContext();
  return context === undefined ? work() : withContext({ ...context, caller: noCaller('order') }, work);
}
