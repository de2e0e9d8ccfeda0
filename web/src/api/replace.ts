import type { Client } from '@urql/core';
import { graphql } from './generated/gql.ts';
import type { ReplaceMutation, ReplaceOrderInput } from './generated/graphql.ts';
import { sendOnce } from './sends.ts';
import { troubleOf } from './use-data.ts';

const Replace = graphql(`
  mutation Replace($input: ReplaceOrderInput!) {
    replaceOrder(input: $input) {
      __typename
      ... on Order { ...OrderFields }
      ... on Refusal { code message }
      ... on InvalidOrder { field }
      ... on InvalidInput { field }
    }
  }
`);

export type Replaced = { kind: 'replaced' } | { kind: 'refused'; message: string; field: string };

/** The id of the intent goes with every try, so what nobody has answered can be sent again and replaces once. */
export async function replaceOrder(client: Client, input: ReplaceOrderInput): Promise<Replaced> {
  const outcome = await sendOnce<ReplaceMutation>(client, Replace, { input });
  if (outcome.kind === 'unknown') return { kind: 'refused', message: UNANSWERED, field: '' };
  if (outcome.kind === 'refused') return { kind: 'refused', message: troubleOf(outcome.error).message, field: '' };
  const result = outcome.data.replaceOrder;
  if (result === null || result.__typename === 'Order') return { kind: 'replaced' };
  const field = 'field' in result ? (result.field.split('.').at(-1) ?? '') : '';
  return { kind: 'refused', message: result.message, field };
}

const UNANSWERED = 'Nobody has answered. Sending the same again cannot replace it twice.';
