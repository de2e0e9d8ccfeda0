import { isEnumType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  rig = await gatewayRig();
  token = await rig.tokens.sign({ sub: userIdOf('ada@example.com') });
});
afterAll(() => rig.close());

const BARS = 'query($period: BarPeriod) { bars(symbol: "ACME", period: $period) { symbol } }';
const OPEN =
  'mutation($input: OpenAccountInput!) { openAccount(input: $input) { __typename ... on Refusal { code message } } }';

describe('UNKNOWN is a word of answers; as an input it is refused, and told what may stand there', () => {
  test.each<[string, string, Record<string, unknown>, string, string]>([
    ['in a document', '{ bars(symbol: "ACME", period: UNKNOWN) { symbol } }', {}, 'period', 'BarPeriod'],
    [
      'in a document, within an input',
      OPEN.replace('($input: OpenAccountInput!)', '').replace(
        '$input',
        '{ kind: UNKNOWN, currency: "USD", name: "x", idempotencyKey: "k" }',
      ),
      {},
      'kind',
      'AccountKind',
    ],
    [
      'in a document, in a filter',
      '{ instruments(filter: { type: UNKNOWN }) { nodes { symbol } } }',
      {},
      'filter.type',
      'InstrumentType',
    ],
    [
      'in a document, in a list',
      '{ accounts { nodes { activities(filter: { types: [BUY, UNKNOWN] }) { nodes { id } } } } }',
      {},
      'filter.types[1]',
      'ActivityType',
    ],
    ['as a variable', BARS, { period: 'UNKNOWN' }, 'period', 'BarPeriod'],
    [
      'within an input',
      OPEN,
      { input: { kind: 'UNKNOWN', currency: 'USD', name: 'x', idempotencyKey: 'k' } },
      'kind',
      'AccountKind',
    ],
  ])('%s', async (_, query, variables, field, type) => {
    // Often enough that a compiled query would have taken over.
    for (let at = 0; at < 25; at += 1) {
      const { errors } = await rig.ask({ query, variables, token });
      expect(errors[0]?.extensions).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'enum_value_unknown' });
      expect(errors[0]?.extensions['field']).toBe(field);
      expect(errors[0]?.message).toContain(`is no ${type}`);
      expect(errors[0]?.message).toMatch(/one of [A-Z]+, [A-Z]+/);
    }
  });

  test('every enum that has the word', () => {
    const types = Object.values(buildSchema().getTypeMap()).filter(isEnumType);
    const having = types.filter((type) => type.getValues().some(({ name }) => name === 'UNKNOWN'));
    expect(having.length).toBeGreaterThan(20);
    for (const type of having) expect(() => type.parseValue('UNKNOWN')).toThrow(/one of/);
  });
});
