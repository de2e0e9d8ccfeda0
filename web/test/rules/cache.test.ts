import { createClient, type Exchange, type OperationResult } from '@urql/core';
import { expect, test } from 'vitest';
import { map, pipe } from 'wonka';
import { graphcache } from '../../src/api/cache.ts';

/** A gateway that gives every mutation the same answer. */
const answering =
  (data: unknown): Exchange =>
  () =>
  (operations) =>
    pipe(
      operations,
      map((operation): OperationResult => ({ operation, data, stale: false, hasNext: false })),
    );

const Replace = `mutation Replace($id: ID!) {
  replaceOrder(input: { orderId: $id }) { __typename ... on Order { id } ... on Refusal { code message } ... on InvalidOrder { field } }
}`;

test.each([
  ['a refusal of its own', { __typename: 'TooLate', code: 'too_late', message: 'the order is filled' }],
  ['one that names a field', { __typename: 'InvalidOrder', code: 'x', message: 'off the tick', field: 'limitPrice' }],
])('%s keeps its words on the way through the cache', async (_, refusal) => {
  const exchanges = [graphcache(), answering({ replaceOrder: refusal })];
  const client = createClient({ url: '/graphql', exchanges });
  const { data } = await client.mutation<{ replaceOrder: unknown }>(Replace, { id: '1' }).toPromise();
  expect(data?.replaceOrder).toEqual(refusal);
});
