import { isAppError } from '@andvari/kit/base/errors';
import type {
  EngineOrder as EngineOrderMessage,
  GetOrderStoryResponse,
  Reservation as ReservationMessage,
  SentCommand as SentCommandMessage,
  UnexpectedReport as UnexpectedReportMessage,
} from '@andvari/proto/order/v1/order';
import { may } from '../../identity/viewer.ts';
import { builder } from '../builder.ts';
import { AuditEntry } from '../security/audit.ts';
import { OrderStatus } from './enums.ts';
import { Execution, OrderEvent } from './execution.ts';
import { Order, orderIdFrom } from './order.ts';
import { OrderCommandKind, OrderEventKind, ReportMisfit, ReservationState } from './words.ts';

const Reservation = builder.objectRef<ReservationMessage>('Reservation').implement({
  description: 'What the ledger holds for an order.',
  fields: (t) => ({
    asset: t.exposeString('asset', { description: 'A currency, or a symbol.' }),
    amount: t.field({ type: 'Decimal', description: 'What was held at first.', resolve: ({ amount }) => amount }),
    remaining: t.field({ type: 'Decimal', description: 'What still is.', resolve: ({ remaining }) => remaining }),
    state: t.field({
      type: ReservationState.type,
      description: 'Whether it still holds something.',
      resolve: ({ state }) => ReservationState.from(state),
    }),
  }),
});

const EngineOrder = builder.objectRef<EngineOrderMessage>('EngineOrder').implement({
  description: 'An order as the engine has it now.',
  fields: (t) => ({
    status: t.field({
      type: OrderStatus.type,
      description: 'How far it is.',
      resolve: ({ status }) => OrderStatus.from(status),
    }),
    filledQuantity: t.field({ type: 'Decimal', description: 'Traded.', resolve: ({ cumQty }) => cumQty }),
    remainingQuantity: t.field({ type: 'Decimal', description: 'Still open.', resolve: ({ leavesQty }) => leavesQty }),
    aheadQuantity: t.field({
      type: 'Decimal',
      description: 'Before it at its price.',
      resolve: ({ aheadQty }) => aheadQty,
    }),
  }),
});

const SentCommand = builder.objectRef<SentCommandMessage>('SentCommand').implement({
  description: 'A command about an order.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of the message.' }),
    kind: t.field({
      type: OrderCommandKind.type,
      description: 'What was asked.',
      resolve: ({ kind }) => OrderCommandKind.from(kind),
    }),
    sentAt: t.field({ type: 'DateTime', description: 'When it was written.', resolve: ({ sentAtUs }) => sentAtUs }),
    published: t.exposeBoolean('published', { description: 'Whether the log has it.' }),
  }),
});

const UnexpectedReport = builder.objectRef<UnexpectedReportMessage>('UnexpectedReport').implement({
  description: 'A report that did not fit, or came before its order.',
  fields: (t) => ({
    execId: t.exposeString('execId', { description: 'Which.' }),
    kind: t.field({
      type: OrderEventKind.type,
      nullable: true,
      description: 'What it said; null while it waits for its order.',
      resolve: ({ kind }) => OrderEventKind.orNull(kind),
    }),
    why: t.field({
      type: ReportMisfit.type,
      description: 'Why it did not fit.',
      resolve: ({ why }) => ReportMisfit.from(why),
    }),
    recordedAt: t.field({
      type: 'DateTime',
      description: 'When it came.',
      resolve: ({ recordedAtUs }) => recordedAtUs,
    }),
  }),
});

/** Of one order; what happened to it besides is in the trail itself. */
const MAX_AUDIT = 50;

const OrderStory = builder.objectRef<GetOrderStoryResponse & { orderId: string }>('OrderStory').implement({
  description: 'One order of anybody, with all that is known of it.',
  fields: (t) => ({
    order: t.field({
      type: Order,
      nullable: true,
      description: 'Its row.',
      resolve: ({ order }) => order ?? null,
    }),
    history: t.field({ type: [OrderEvent], description: 'The oldest first.', resolve: ({ events }) => events }),
    executions: t.field({ type: [Execution], description: 'Its fills.', resolve: ({ executions }) => executions }),
    reservation: t.field({
      type: Reservation,
      nullable: true,
      description: 'As the ledger has it; null where it could not be asked.',
      resolve: ({ reservation }) => reservation ?? null,
    }),
    engine: t.field({
      type: EngineOrder,
      nullable: true,
      description: 'As the engine has it; null once it has ended.',
      resolve: ({ engine }) => engine ?? null,
    }),
    commands: t.field({ type: [SentCommand], description: 'What the engine was asked.', resolve: (it) => it.commands }),
    unexpectedReports: t.field({
      type: [UnexpectedReport],
      description: 'What did not fit.',
      resolve: (it) => it.unexpectedReports,
    }),
    unavailable: t.exposeStringList('unavailable', { description: 'Neighbours that could not be asked.' }),
    audit: t.field({
      type: [AuditEntry],
      nullable: true,
      description: 'What the trail says of it, the newest first; null where the viewer may not read it.',
      resolve: async ({ orderId }, _args, { viewer, clients }) => {
        if (!may(viewer, 'audit:read')) return null;
        const page = { first: MAX_AUDIT, after: '' };
        const filter = { actor: '', action: '', fromUs: 0n, toUs: 0n };
        return (await clients.security.queryAudit({ ...filter, entity: `order/${orderId}`, page })).entries;
      },
    }),
  }),
});

builder.queryField('orderStory', (t) =>
  t.field({
    type: OrderStory,
    nullable: true,
    description: 'For operators: one order of anybody with all that is known of it; null where there is none.',
    complexity: 50,
    authScopes: { mayToAll: 'order:read' },
    args: { orderId: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: async (_, { orderId: given }, { clients }) => {
      const orderId = orderIdFrom('orderId', given);
      try {
        return { orderId, ...(await clients.order.getOrderStory({ orderId })) };
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
  }),
);
