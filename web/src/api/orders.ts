import type { Client } from '@urql/core';
import { useSyncExternalStore } from 'react';
import { graphql } from './generated/gql.ts';
import type {
  OrderByClientIdQuery,
  OrderSpecInput,
  PlaceGroupMutation,
  PlaceOrderMutation,
} from './generated/graphql.ts';
import { sendOnce, usualPace } from './sends.ts';
import { troubleOf } from './use-data.ts';

const PlaceOrder = graphql(`
  mutation PlaceOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on Order { ...OrderFields }
      ... on Refusal { code message }
      ... on InvalidOrder { field }
      ... on InvalidInput { field }
      ... on DuplicateClientOrderId { orderId }
    }
  }
`);

const PlaceGroup = graphql(`
  mutation PlaceGroup($input: PlaceGroupInput!) {
    placeGroup(input: $input) {
      __typename
      ... on OrderGroup { groupId orders { ...OrderFields } }
      ... on Refusal { code message }
      ... on InvalidOrder { field }
      ... on InvalidInput { field }
      ... on DuplicateClientOrderId { orderId }
    }
  }
`);

const OrderByClientId = graphql(`
  query OrderByClientId($accountId: ID!, $clientOrderId: String!) {
    orderByClientId(accountId: $accountId, clientOrderId: $clientOrderId) { ...OrderFields }
  }
`);

export type Spec = OrderSpecInput;
export type GroupKind = 'BRACKET' | 'OCO' | 'OTO';

/** One intent of somebody: a single order, or a group that stands and falls together. */
export interface OrderIntent {
  clientOrderId: string;
  accountId: string;
  legs: Spec[];
  group: GroupKind | undefined;
}

export type Placed =
  | { kind: 'placed' }
  | { kind: 'refused'; code: string; message: string; field: string }
  /** Nobody answered: it may have been heard, so nobody says "failed". */
  | { kind: 'unknown' };

export interface Underway {
  intent: OrderIntent;
  state: 'SENDING' | 'CHECKING';
  sentAt: string;
}

let underway: readonly Underway[] = [];
const listeners = new Set<() => void>();
const KEY = 'andvari.underway';

export function useUnderway(): readonly Underway[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => underway,
  );
}

/** Sends it until somebody answers. The row is there at once; it goes when the order itself has come, or was refused. */
export async function placeIntent(client: Client, intent: OrderIntent, pace = usualPace): Promise<Placed> {
  note(intent, 'SENDING');
  const { clientOrderId, accountId, legs, group } = intent;
  const [order] = legs;
  if (order === undefined) throw new Error('an intent without an order');
  const outcome =
    group === undefined
      ? await sendOnce<PlaceOrderMutation>(client, PlaceOrder, { input: { accountId, clientOrderId, order } }, pace)
      : await sendOnce<PlaceGroupMutation>(
          client,
          PlaceGroup,
          { input: { accountId, clientOrderId, type: group, legs } },
          pace,
        );
  if (outcome.kind === 'unknown') {
    note(intent, 'CHECKING');
    void check(client, intent);
    return { kind: 'unknown' };
  }
  forget(clientOrderId);
  if (outcome.kind === 'refused') {
    return { kind: 'refused', code: '', message: troubleOf(outcome.error).message, field: '' };
  }
  const result = 'placeOrder' in outcome.data ? outcome.data.placeOrder : outcome.data.placeGroup;
  if (result === null) return { kind: 'unknown' };
  if (result.__typename === 'Order' || result.__typename === 'OrderGroup') return { kind: 'placed' };
  return { kind: 'refused', code: result.code, message: result.message, field: 'field' in result ? result.field : '' };
}

/** After a reload: what was on its way then is asked for until it is found. */
export function checkUnderway(client: Client): void {
  for (const intent of stored()) {
    if (underway.some((each) => each.intent.clientOrderId === intent.clientOrderId)) continue;
    note(intent, 'CHECKING');
    void check(client, intent);
  }
}

const CHECK_EVERY_MS = 5000;
const MOST_CHECKS = 60;

/**
 * Found: it was heard, and the lists have it. Not found for five minutes: the service lets no late one in after that, because
 * an order without an answer is fenced there. So the row goes then, and not before.
 */
async function check(client: Client, intent: OrderIntent): Promise<void> {
  const { accountId, clientOrderId } = intent;
  for (let answers = 0; answers < MOST_CHECKS; ) {
    await new Promise((resolve) => {
      setTimeout(resolve, CHECK_EVERY_MS);
    });
    const { data, error } = await client
      .query<OrderByClientIdQuery>(
        String(OrderByClientId),
        { accountId, clientOrderId },
        { requestPolicy: 'network-only' },
      )
      .toPromise();
    if (data?.orderByClientId != null) break;
    // Nobody who could know has answered: that says nothing.
    if (error === undefined) answers += 1;
  }
  forget(clientOrderId);
}

function note(intent: OrderIntent, state: Underway['state']): void {
  const sentAt =
    underway.find((each) => each.intent.clientOrderId === intent.clientOrderId)?.sentAt ?? new Date().toISOString();
  const others = underway.filter((each) => each.intent.clientOrderId !== intent.clientOrderId);
  become([{ intent, state, sentAt }, ...others]);
}

function forget(clientOrderId: string): void {
  become(underway.filter((each) => each.intent.clientOrderId !== clientOrderId));
}

function become(next: readonly Underway[]): void {
  underway = next;
  sessionStorage.setItem(KEY, JSON.stringify(next.map(({ intent }) => intent)));
  for (const listener of listeners) listener();
}

/** Whether an order of this tab waits for its answer, also one that was sent before the page was loaded. */
export const hasUnderway = (): boolean => stored().length > 0;

function stored(): OrderIntent[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isIntent) : [];
  } catch {
    return [];
  }
}

function isIntent(value: unknown): value is OrderIntent {
  const { clientOrderId, accountId, legs } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof clientOrderId === 'string' && typeof accountId === 'string' && Array.isArray(legs);
}
