import { isAppError } from '@andvari/kit/base/errors';
import type { OrderType as OrderTypes, Side as Sides } from '@andvari/proto/engine/v1/commands';
import type { OrderStatus as OrderStatuses } from '@andvari/proto/engine/v1/reports';
import type {
  GetBlotterSummaryResponse,
  OrderState as OrderStates,
  StatusCount as StatusCountMessage,
} from '@andvari/proto/order/v1/order';
import type { Clients } from '../../clients.ts';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf, type PageArguments } from '../connection.ts';
import { optionalUuidFrom } from '../entity-id.ts';
import { OrderSide } from '../market/book.ts';
import { inCapitals } from '../market/symbols.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { Account, accountIdFrom } from '../portfolio/account.ts';
import { OrderState, OrderStatus, OrderType } from './enums.ts';
import { Execution } from './execution.ts';
import { Order, orderIdFrom } from './order.ts';

const OrderFilter = builder.inputType('OrderFilter', {
  description: 'What is left out does not narrow.',
  fields: (t) => ({
    state: t.field({ type: OrderState.type, description: 'Open, closed or all.' }),
    symbol: t.string({ description: 'Of this symbol.' }),
    side: t.field({ type: OrderSide.type, description: 'On this side.' }),
    type: t.field({ type: OrderType.type, description: 'Of this type.' }),
    statuses: t.field({ type: [OrderStatus.type], description: 'In one of these.' }),
    from: t.field({ type: 'DateTime', description: 'Submitted not before.' }),
    to: t.field({ type: 'DateTime', description: 'Submitted before.' }),
  }),
});

const ExecutionFilter = builder.inputType('ExecutionFilter', {
  description: 'What is left out does not narrow.',
  fields: (t) => ({
    orderId: t.id({ description: 'Of this order.' }),
    symbol: t.string({ description: 'Of this symbol.' }),
    from: t.field({ type: 'DateTime', description: 'Not before.' }),
    to: t.field({ type: 'DateTime', description: 'Before.' }),
  }),
});

const StatusCount = builder.objectRef<StatusCountMessage>('StatusCount').implement({
  description: 'How many orders have a status.',
  fields: (t) => ({
    status: t.field({
      type: OrderStatus.type,
      description: 'Which.',
      resolve: ({ status }) => OrderStatus.from(status),
    }),
    orders: t.int({ description: 'How many.', resolve: ({ orders }) => Number(orders) }),
  }),
});

const BlotterSummary = builder.objectRef<GetBlotterSummaryResponse>('BlotterSummary').implement({
  description: 'An account’s orders, counted.',
  fields: (t) => ({
    counts: t.field({ type: [StatusCount], description: 'By status.', resolve: ({ counts }) => counts }),
    open: t.int({ description: 'Orders that may still trade.', resolve: ({ open }) => Number(open) }),
    executions: t.int({ description: 'Fills.', resolve: ({ executions }) => Number(executions) }),
    bought: t.field({ type: 'Decimal', description: 'For how much was bought.', resolve: ({ bought }) => bought }),
    sold: t.field({ type: 'Decimal', description: 'For how much was sold.', resolve: ({ sold }) => sold }),
  }),
});

const orderNames = [
  { name: 'OrderConnection', description: 'A page of orders.' },
  { name: 'OrderEdge', description: 'An order and its place in the list.' },
] as const;
const executionNames = [
  { name: 'ExecutionConnection', description: 'A page of fills.' },
  { name: 'ExecutionEdge', description: 'A fill and its place in the list.' },
] as const;
const OrderConnection = builder.connectionObject({ type: Order, ...orderNames[0] }, orderNames[1]);
const ExecutionConnection = builder.connectionObject({ type: Execution, ...executionNames[0] }, executionNames[1]);

const mayRead = { may: 'order:read' } as const;
const ORDERS = 'Orders of an account, the newest first.';
const EXECUTIONS = 'Fills of an account, the newest first.';
const COUNTED = 'Its orders, counted; since its first one where no moment is given.';

builder.queryFields((t) => ({
  order: t.field({
    type: Order,
    nullable: true,
    description: 'One order; null where there is none of that id that the viewer may see.',
    authScopes: mayRead,
    args: { id: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: (_, { id }, context) => orNull(Order.getDataloader(context).load(orderIdFrom('id', id))),
  }),
  orderByClientId: t.field({
    type: Order,
    nullable: true,
    description: 'One order by the client’s own name for it; null where none has come so far.',
    authScopes: mayRead,
    args: {
      accountId: t.arg.id({ required: true, description: 'Of which account.' }),
      clientOrderId: t.arg.string({ required: true, description: 'As it was placed with.' }),
    },
    resolve: async (_, { accountId, clientOrderId }, { clients }) => {
      const key = { $case: 'clientOrderId' as const, value: clientOrderId };
      const asked = clients.order.getOrder({ accountId: accountIdFrom('accountId', accountId), key });
      return (await orNull(asked))?.order ?? null;
    },
  }),
  orders: t.connection(
    {
      type: Order,
      nullable: true,
      description: ORDERS,
      complexity: connectionCost,
      authScopes: mayRead,
      args: {
        accountId: t.arg.id({ required: true, description: 'Of which account.' }),
        filter: t.arg({ type: OrderFilter, description: 'Which.' }),
      },
      resolve: (_, { accountId, filter, ...args }, { clients }) =>
        ordersOf(clients, accountIdFrom('accountId', accountId), filter, args),
    },
    OrderConnection,
  ),
  executions: t.connection(
    {
      type: Execution,
      nullable: true,
      description: EXECUTIONS,
      complexity: connectionCost,
      authScopes: mayRead,
      args: {
        accountId: t.arg.id({ required: true, description: 'Of which account.' }),
        filter: t.arg({ type: ExecutionFilter, description: 'Which.' }),
      },
      resolve: (_, { accountId, filter, ...args }, { clients }) =>
        executionsOf(clients, accountIdFrom('accountId', accountId), filter, args),
    },
    ExecutionConnection,
  ),
  blotterSummary: t.field({
    type: BlotterSummary,
    nullable: true,
    description: COUNTED,
    authScopes: mayRead,
    args: {
      accountId: t.arg.id({ required: true, description: 'Of which account.' }),
      from: t.arg({ type: 'DateTime', description: 'Submitted not before.' }),
    },
    resolve: (_, { accountId, from }, { clients }) =>
      clients.order.getBlotterSummary({ accountId: accountIdFrom('accountId', accountId), fromUs: from ?? 0n }),
  }),
}));

builder.objectFields(Account, (t) => ({
  orders: t.connection(
    {
      type: Order,
      nullable: true,
      description: ORDERS,
      complexity: connectionCost,
      authScopes: mayRead,
      args: { filter: t.arg({ type: OrderFilter, description: 'Which.' }) },
      resolve: ({ id }, { filter, ...args }, { clients }) => ordersOf(clients, id, filter, args),
    },
    OrderConnection,
  ),
  executions: t.connection(
    {
      type: Execution,
      nullable: true,
      description: EXECUTIONS,
      complexity: connectionCost,
      authScopes: mayRead,
      args: { filter: t.arg({ type: ExecutionFilter, description: 'Which.' }) },
      resolve: ({ id }, { filter, ...args }, { clients }) => executionsOf(clients, id, filter, args),
    },
    ExecutionConnection,
  ),
  blotterSummary: t.field({
    type: BlotterSummary,
    nullable: true,
    description: COUNTED,
    authScopes: mayRead,
    args: { from: t.arg({ type: 'DateTime', description: 'Submitted not before.' }) },
    resolve: ({ id }, { from }, { clients }) => clients.order.getBlotterSummary({ accountId: id, fromUs: from ?? 0n }),
  }),
}));

type OrderFilterInput = typeof OrderFilter.$inferInput;
type ExecutionFilterInput = typeof ExecutionFilter.$inferInput;

function ordersOf(
  { order }: Clients,
  accountId: string,
  filter: OrderFilterInput | null | undefined,
  args: PageArguments,
) {
  return connectionOf(args, async (page) => {
    const asked = order.listOrders({
      accountId,
      page,
      symbol: inCapitals(filter?.symbol ?? ''),
      statuses: (filter?.statuses ?? []) as OrderStatuses[],
      state: (filter?.state ?? 0) as OrderStates,
      side: (filter?.side ?? 0) as Sides,
      type: (filter?.type ?? 0) as OrderTypes,
      fromUs: filter?.from ?? 0n,
      toUs: filter?.to ?? 0n,
    });
    const { orders, pageInfo } = await asNamedIn('orders', asked);
    return { rows: orders, pageInfo };
  });
}

function executionsOf(
  { order }: Clients,
  accountId: string,
  filter: ExecutionFilterInput | null | undefined,
  args: PageArguments,
) {
  return connectionOf(args, async (page) => {
    const asked = order.listExecutions({
      accountId,
      page,
      orderId: optionalUuidFrom('Order', 'filter.orderId', filter?.orderId),
      symbol: inCapitals(filter?.symbol ?? ''),
      fromUs: filter?.from ?? 0n,
      toUs: filter?.to ?? 0n,
    });
    const { executions, pageInfo } = await asNamedIn('executions', asked);
    return { rows: executions, pageInfo };
  });
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isAppError(error, 'not_found')) return null;
    throw error;
  }
}
