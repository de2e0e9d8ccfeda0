import { encodeGlobalID } from '@pothos/plugin-relay';
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

  test.each<[type: string, none: string, asked: () => { method: string; request: object }[]]>([
    ['Order', 'none', () => rig.order.callsOf('batchGetOrders')],
    ['Instrument', 'none', () => rig.stock.callsOf('getInstruments')],
  ])(
    'an id of an %s that is none is asked of nobody: it would keep the others from their answers',
    async (type, none, asked) => {
      const found = await rig.ask({ query: nodes[type]?.found ?? '', token: ada });
      const [, own = ''] = /"id":"([^"]+)"/.exec(JSON.stringify(found.data)) ?? [];
      const query = 'query($own: ID!, $none: ID!) { own: node(id: $own) { id } none: node(id: $none) { id } }';
      const variables = { own, none: encodeGlobalID(type, none) };
      const before = asked().length;
      const { data, errors } = await rig.ask({ query, variables, token: ada });
      expect(data).toEqual({ own: { id: own }, none: null });
      expect(errors).toMatchObject([{ path: ['none'], extensions: { code: 'NOT_FOUND' } }]);
      const requests = asked().slice(before);
      expect(requests.flatMap(({ request }) => Object.values(request).flat())).not.toContain(none);
      expect(requests).toHaveLength(1);
    },
  );

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
