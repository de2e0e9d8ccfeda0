import { invalid } from '@andvari/kit/base/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { userIdOf } from './fake-service.ts';
import { adminPermissions } from './fake-services.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What operators do with the market: what arrives at its service, and how its refusals are called. */
let rig: GatewayRig;
let token: string;
const ADMIN = userIdOf('admin');
beforeAll(async () => {
  rig = await gatewayRig();
  rig.permissions.set(ADMIN, adminPermissions);
  token = await rig.tokens.sign({ sub: ADMIN });
});
afterAll(() => rig.close());

const instrument = `name: "New", exchange: "NYSE", sector: "Energy", type: EQUITY, currency: "USD", tick: "0.01",
  tickBelowOne: "0.0001", lot: "1", fractionable: false, tradable: true, basePrice: "5", minNotional: "1", maxQuantity: "0",
  maxPrice: "10"`;
const split = 'id: "0198a000-0000-7000-8000-0000000000a1", type: SPLIT, ratioTo: 2, ratioFrom: 1, exDate: "2026-06-10"';
const operations: [operation: string, args: (symbol: string) => string, at: string][] = [
  ['haltSymbol', (symbol) => `input: { symbol: "${symbol}", reason: "news" }`, ''],
  ['resumeSymbol', (symbol) => `symbol: "${symbol}"`, ''],
  ['upsertInstrument', (symbol) => `input: { symbol: "${symbol}", ${instrument} }`, 'instrument'],
  ['applyCorporateAction', (symbol) => `input: { symbol: "${symbol}", ${split} }`, 'action'],
];

describe.each(operations)('%s', (operation, args, at) => {
  const REFUSAL = '__typename ... on InvalidInput { field message }';
  const ask = (symbol: string) =>
    rig.ask({ query: `mutation { it: ${operation}(${args(symbol)}) { ${REFUSAL} } }`, token });
  const arrived = (): unknown => {
    const request = rig.stock.callsOf(operation).at(-1)?.request;
    return at === '' ? request : request?.[at];
  };

  test.each([
    ['newco', 'NEWCO'],
    ['ſpy', 'ſPY'],
  ])('takes the symbol %s for %s', async (given, symbol) => {
    const { errors } = await ask(given);
    expect(errors).toEqual([]);
    expect(arrived()).toMatchObject({ symbol });
  });

  test('a refusal names the argument', async () => {
    const wrong = invalid(at === '' ? 'symbol' : `${at}.symbol`, 'is wrong');
    await rig.stock.failing(operation, wrong, async () => {
      const { data } = await ask('NEWCO');
      expect(data).toEqual({ it: { __typename: 'InvalidInput', field: 'symbol', message: 'symbol: is wrong' } });
    });
  });
});

test('a limit of nothing arrives as that', async () => {
  await rig.ask({
    query: `mutation { upsertInstrument(input: { symbol: "NEWCO", ${instrument} }) { __typename } }`,
    token,
  });
  expect(rig.stock.callsOf('upsertInstrument').at(-1)?.request).toMatchObject({ instrument: { maxQty: 0n } });
});
