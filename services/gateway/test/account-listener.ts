import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import { fillSettled } from '@andvari/proto/events';
import { openEventStream } from './event-stream.ts';
import { accountIdOf } from './fake-portfolio.ts';
import type { GatewayRig } from './gateway-rig.ts';

export interface Update {
  is: string;
  position?: string;
  since?: string;
  count?: number | null;
  event?: string | null;
  filledQuantity?: string;
  execution?: { execId: string; amount: string };
  kind?: string;
  summary?: { equity: string; marketValue: string; staleSymbols: string[] };
  buyingPower?: string;
}

const orderFields = `is: __typename
  ... on SubscriptionStarted { position }
  ... on OrderMoved { position event orderId status quantity filledQuantity averagePrice reason }
  ... on Missed { count since }`;
export const queries: Record<string, string> = {
  orderUpdates: `subscription($account: ID!, $since: String) { it: orderUpdates(accountId: $account, since: $since) { ${orderFields} } }`,
  executions: `subscription($account: ID!, $since: String) { it: executions(accountId: $account, since: $since) {
    is: __typename ... on SubscriptionStarted { position } ... on ExecutionArrived { position execution { execId amount } } } }`,
  // Much to say about each, so that the pipe to the reader is full soon.
  longWinded: `subscription($account: ID!, $since: String) { it: orderUpdates(accountId: $account, since: $since) { ${orderFields}
    ... on OrderMoved { ${Array.from({ length: 12 }, (_, at) => `a${at}: replacedBy`).join(' ')} } } }`,
  account: `subscription($account: ID!, $since: String) { it: account(accountId: $account, since: $since) { ${orderFields}
    ... on LedgerMoved { position change filledSymbol } ... on NotificationArrived { position kind }
    ... on PortfolioMoved { buyingPower summary { equity marketValue staleSymbols } } } }`,
  portfolio: `subscription($account: ID!) { it: portfolio(accountId: $account) {
    is: __typename buyingPower summary { equity marketValue staleSymbols } holdings { symbol marketValue } } }`,
};

/** One of the subscriptions of an account, as its owner. */
export async function listen(
  rig: GatewayRig,
  name: string,
  userId: string,
  since?: string,
  account = accountIdOf(userId),
) {
  const token = await rig.tokens.sign({ sub: userId });
  const variables = { account, since };
  const stream = await openEventStream(
    `${rig.url}/graphql`,
    { query: queries[name], variables },
    { authorization: `Bearer ${token}` },
  );
  return {
    ...stream,
    updates: () => stream.received.flatMap(({ data }) => (data as { it?: Update } | null)?.it ?? []),
  };
}

/** A fill of one share, as the ledger tells it. */
export async function settled(rig: GatewayRig, userId: string): Promise<void> {
  const message = {
    accountId: accountIdOf(userId),
    userId,
    orderId: randomUUID(),
    execId: '0.1.0',
    symbol: 'ACME',
    qty: 1_000_000n,
    px: 187_000_000n,
    amount: -187_000_000n,
    fee: 0n,
    realizedPnl: 0n,
    positionQty: 1_000_000n,
  };
  const event = newEvent(fillSettled, message, { source: 'portfolio' });
  await rig.nats.js.publish(event.subject, event.payload, { msgID: event.id });
}
