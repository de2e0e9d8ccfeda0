import { isInterfaceType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';
import { accountIdOf } from './fake-portfolio.ts';
import { userIdOf } from './fake-service.ts';
import { adminPermissions } from './fake-services.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** Each kind of node where its owner finds it, and who may see it besides. */
const ADA = userIdOf('ada@example.com');
const ACCOUNT = accountIdOf(ADA);
const inAccount = (field: string) => `{ account(id: "${ACCOUNT}") { ${field} } }`;
const nodes: Record<string, { found: string; seenBy: 'owner' | 'everybody' | 'staff' }> = {
  Account: { found: inAccount('id'), seenBy: 'owner' },
  ApiKey: { found: '{ apiKeys { nodes { id } } }', seenBy: 'owner' },
  CorporateAction: { found: '{ corporateActions(symbol: "ACME") { nodes { id } } }', seenBy: 'everybody' },
  DeadLetter: { found: '{ deadLetters { nodes { id } } }', seenBy: 'staff' },
  Execution: { found: inAccount('executions { nodes { id } }'), seenBy: 'owner' },
  FeeSchedule: { found: '{ feeSchedules { nodes { id } } }', seenBy: 'everybody' },
  Funding: { found: inAccount('fundings { nodes { id } }'), seenBy: 'owner' },
  Grant: { found: '{ grants { nodes { id } } }', seenBy: 'owner' },
  Holding: { found: inAccount('holdings { nodes { id } }'), seenBy: 'owner' },
  Instrument: { found: '{ instrument(symbol: "ACME") { id } }', seenBy: 'everybody' },
  Lot: { found: inAccount('lots { nodes { id } }'), seenBy: 'owner' },
  Notification: { found: '{ notifications { nodes { id } } }', seenBy: 'owner' },
  Order: { found: inAccount('orders { nodes { id } }'), seenBy: 'owner' },
  OrderEvent: { found: inAccount('orders { nodes { history { id } } }'), seenBy: 'owner' },
  Session: { found: '{ sessions { nodes { id } } }', seenBy: 'owner' },
  User: { found: '{ me { id } }', seenBy: 'owner' },
  Watchlist: { found: '{ watchlists { nodes { id } } }', seenBy: 'owner' },
};

let rig: GatewayRig;
let [ada, eve, admin] = ['', '', ''];
beforeAll(async () => {
  rig = await gatewayRig();
  ada = await rig.tokens.sign({ sub: ADA });
  eve = await rig.tokens.sign({ sub: userIdOf('eve') });
  rig.permissions.set(userIdOf('admin'), adminPermissions);
  admin = await rig.tokens.sign({ sub: userIdOf('admin') });
});
afterAll(() => rig.close());

describe('node(id:)', () => {
  test.each(Object.entries(nodes))('answers %s to whoever may see it, and nobody else', async (type, node) => {
    const token = node.seenBy === 'staff' ? admin : ada;
    const seen = await rig.ask({ query: node.found, token });
    expect(seen.errors).toEqual([]);
    const [, id = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(seen.data)) ?? [];
    const query = 'query($id: ID!) { node(id: $id) { __typename id } }';
    const own = await rig.ask({ query, variables: { id }, token });
    expect(own).toMatchObject({ errors: [], data: { node: { __typename: type, id } } });
    const strange = await rig.ask({ query, variables: { id }, token: eve });
    if (node.seenBy === 'everybody') expect(strange.data).toEqual({ node: { __typename: type, id } });
    else expect(strange.data).toEqual({ node: null });
    const { data } = await rig.ask({ query, variables: { id } });
    expect(data).toEqual({ node: null });
  });

  test('every kind that there is has its row above', () => {
    const schema = buildSchema();
    const Node = schema.getType('Node');
    if (!isInterfaceType(Node)) throw new Error('there is no Node');
    expect(Object.keys(nodes).toSorted()).toEqual(
      schema
        .getPossibleTypes(Node)
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  test('what has an id and is none says so: it is told once and does not change', () => {
    const others = Object.values(buildSchema().getTypeMap()).filter(
      (type) =>
        isObjectType(type) && 'id' in type.getFields() && type.getInterfaces().every(({ name }) => name !== 'Node'),
    );
    expect(others.map(({ name }) => name).toSorted()).toEqual(['Activity', 'AuditEntry', 'FxRate', 'SentCommand']);
  });
});
