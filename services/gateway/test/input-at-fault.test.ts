import { capturedLog } from '@andvari/kit/testing/captured-log';
import { getVariableValues, Kind, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createPublicError } from '../src/graphql/public-error.ts';
import { buildSchema } from '../src/schema/schema.ts';

const schema = buildSchema();
const shown = createPublicError(capturedLog('silent').log);

/** What is said of variables that cannot be read. */
function fieldsAtFault(query: string, variables: Record<string, unknown>): unknown[] {
  const [operation] = parse(query).definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  const { errors = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  return errors.map((error) => shown(error).extensions['field']);
}

const order = { symbol: 'ACME', side: 'BUY', type: 'LIMIT', limitPrice: 'dear' };

test.each<[rule: string, query: string, variables: Record<string, unknown>, field: string]>([
  [
    'inside a filter: as a path within the arguments',
    'query ($filter: OrderFilter) { orders(accountId: "a", filter: $filter) { nodes { id } } }',
    { filter: { from: 'yesterday' } },
    'filter.from',
  ],
  [
    'in a list inside a filter: with its place',
    'query ($filter: OrderFilter) { orders(accountId: "a", filter: $filter) { nodes { id } } }',
    { filter: { statuses: ['NEW', 'OLD'] } },
    'filter.statuses[1]',
  ],
  [
    'whatever the variable is called',
    'query ($of: OrderFilter) { orders(accountId: "a", filter: $of) { nodes { id } } }',
    { of: { from: 'yesterday' } },
    'filter.from',
  ],
  [
    'one that is a part of the filter',
    'query ($from: DateTime) { orders(accountId: "a", filter: { from: $from }) { nodes { id } } }',
    { from: 'yesterday' },
    'filter.from',
  ],
  [
    'one that is an argument',
    'query ($since: DateTime) { blotterSummary(accountId: "a", from: $since) { open } }',
    { since: 'yesterday' },
    'from',
  ],
  [
    'inside the one input of a mutation, which goes without saying',
    'mutation ($it: PlaceOrderInput!) { placeOrder(input: $it) { __typename } }',
    { it: { accountId: 'a', order } },
    'order.limitPrice',
  ],
  [
    'as a part of that input',
    'mutation ($order: OrderSpecInput!) { placeOrder(input: { accountId: "a", order: $order }) { __typename } }',
    { order },
    'order.limitPrice',
  ],
  ['one that is missing', 'query ($account: ID!) { orders(accountId: $account) { nodes { id } } }', {}, 'accountId'],
  [
    'one that is used in a fragment',
    'query ($from: DateTime) { account(id: "a") { ...Its } } fragment Its on Account { blotterSummary(from: $from) { open } }',
    { from: 'yesterday' },
    'from',
  ],
  ['one that is used nowhere', 'query ($from: DateTime) { __typename }', { from: 'yesterday' }, 'from'],
])('a variable that cannot be read, %s', (_, query, variables, field) => {
  expect(fieldsAtFault(query, variables)).toEqual([field]);
});
