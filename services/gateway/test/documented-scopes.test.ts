import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orderIdOf } from './fake-order.ts';
import { accountIdOf } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/**
 * The table of scopes in docs/graphql.md, as far as this gateway decides. What a service asks of its neighbours in somebody's name, their
 * own tests hold.
 */
let rig: GatewayRig;
beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
});
afterAll(() => rig.close());

const documentation = readFileSync(join(import.meta.dirname, '../../../docs/graphql.md'), 'utf8');
const table = documentation.split('| scope | for |')[1]?.split('\n\n')[0] ?? '';
const rows = table
  .split('\n')
  .map((line) => line.split('|')[1] ?? '')
  .map((cell) => [...cell.matchAll(/`([a-z_]+:[a-z_]+(?::own)?)`/g)].map(([, scope]) => scope ?? ''))
  .filter((scopes) => scopes.length > 0);

/** Whoever asks puts their own in these places. */
const [account, order] = ['ACCOUNT', 'ORDER'];
const spec = '{ symbol: "ACME", side: BUY, type: LIMIT, quantity: "1", limitPrice: "187" }';

/** For each row of the table, by its scopes, what it says that they are for. */
const uses: Record<string, readonly string[]> = {
  'instrument:read': ['{ instrument(symbol: "ACME") { symbol } }', '{ quotes(symbols: ["ACME"]) { last } }'],
  'account:read:own portfolio:read:own': [`{ account(id: "${account}") { cash holdings { nodes { symbol } } } }`],
  'order:read:own': [
    `{ order(id: "${order}") { status } }`,
    `{ orders(accountId: "${account}") { nodes { status } } }`,
  ],
  'order:place:own order:cancel:own': [
    `mutation { placeOrder(input: { accountId: "${account}", order: ${spec} }) { ... on Order { status } } }`,
    `mutation { replaceOrder(input: { orderId: "${order}", quantity: "12" }) { ... on Order { status } } }`,
    `mutation { cancelOrder(orderId: "${order}") { ... on Order { status } } }`,
    `mutation { cancelAllOrders(accountId: "${account}") { ... on CancelledOrders { requested } } }`,
  ],
  'order:place:own account:read:own portfolio:read:own': [
    `{ previewOrder(input: { accountId: "${account}", order: ${spec} }) { ... on OrderPreview { reserved } } }`,
    `{ previewReplacement(input: { orderId: "${order}", quantity: "12" }) { ... on ReplacementPreview { reserved } } }`,
    `mutation { closePosition(input: { accountId: "${account}", symbol: "ACME" }) { ... on Order { status } } }`,
    `mutation { closeAllPositions(input: { accountId: "${account}" }) { ... on ClosedPositions { hasMore } } }`,
  ],
  'funding:read:own funding:create:own transfer:create:own': [
    `mutation { deposit(input: { accountId: "${account}", amount: "1", idempotencyKey: "k" }) { __typename } }`,
  ],
  'profile:read:own notification:read:own watchlist:read:own': [
    '{ me { givenName } inbox { unreadCount } watchlists { nodes { name } } }',
  ],
};

test('all of its rows are tried', () => {
  expect(rows.map((scopes) => scopes.join(' ')).toSorted()).toEqual(Object.keys(uses).toSorted());
});

async function asked(query: string, scopes: readonly string[]): Promise<string[]> {
  const bot = userIdOf(`with ${scopes.join(' ')}`);
  rig.permissions.set(bot, [...scopes]);
  const own = query.replaceAll(account, accountIdOf(bot)).replaceAll(order, orderIdOf(bot));
  const { errors } = await rig.ask({ query: own, token: await rig.tokens.sign({ sub: bot }) });
  return errors.map(({ message }) => message);
}

describe.each(Object.entries(uses))('%s', (row, queries) => {
  const scopes = row.split(' ');
  const denials = new Set(scopes.map((scope) => `not allowed: ${scope.replace(/:own$/, '')}`));

  test.each(queries)('%s can be asked with it', async (query) => {
    expect(await asked(query, scopes)).toEqual([]);
  });

  test.each(queries)('%s names it where it lacks', async (query) => {
    const said = await asked(query, []);
    expect(said).not.toEqual([]);
    expect(said.filter((message) => !denials.has(message))).toEqual([]);
  });
});
