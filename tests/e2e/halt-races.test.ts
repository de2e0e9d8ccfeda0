import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { type People, peopleOf } from './people.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import {
  accountBecomes,
  away,
  becomes,
  cancelled,
  isQuoted,
  lastPrice,
  operator,
  orderOf,
  place,
  placed,
  type Trader,
  traderWithMoney,
  verified,
} from './traders.ts';

/** Orders that were judged before the word of a halt, and reserved after everybody had it: the ledger stands still meanwhile. */
/** A split takes up to a minute, until its prices begin. */

let system: System;
let people: People;
let boss: Browser;

beforeAll(async () => {
  system = await startSystem(tradingServices, {
    ...unlimited,
    MARKET_HOURS: 'always',
  });
  people = peopleOf(system);
  boss = await operator(system, people);
});
afterAll(() => system.close());

const halt = (symbol: string) =>
  told('mutation ($input: HaltSymbolInput!) { it: haltSymbol(input: $input) { __typename } }', {
    input: { symbol, reason: 'news pending' },
  });
const resume = (symbol: string) =>
  told('mutation ($symbol: String!) { it: resumeSymbol(symbol: $symbol) { __typename } }', { symbol });
const split = (symbol: string) =>
  told('mutation ($input: ApplyCorporateActionInput!) { it: applyCorporateAction(input: $input) { __typename } }', {
    input: { id: randomUUID(), symbol, type: 'SPLIT', ratioTo: 2, ratioFrom: 1, exDate: '2026-03-02' },
  });

async function told(mutation: string, variables: Record<string, unknown>): Promise<void> {
  const { data, errors } = await boss.ask(mutation, variables);
  expect({ data, errors }).toMatchObject({
    data: { it: { __typename: expect.stringMatching(/Instrument|CorporateAction/) } },
    errors: [],
  });
}

const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' };

/**
 * Places while the ledger stands still, says the word, and lets the ledger go on when a bystander is refused for it: an order that nobody needs the
 * ledger to refuse. Undefined where an order came too late to be judged before the word, or waited for the ledger longer than anybody does.
 */
async function judgedBefore(
  word: () => Promise<void>,
  trader: Trader,
  bystander: Trader,
  orders: readonly Record<string, unknown>[],
): Promise<string[] | undefined> {
  const tooDear = { ...limit, limitPrice: away(await lastPrice(bystander), 300n) };
  system.signal('portfolio', 'SIGSTOP');
  const placing = Promise.allSettled(orders.map((order) => place(trader, order)));
  try {
    await word();
    await eventually(async () => {
      const refused = await place(bystander, tooDear);
      expect(refused).toMatchObject({ __typename: 'SymbolHalted' });
    });
  } finally {
    system.signal('portfolio', 'SIGCONT');
  }
  const answers = await placing;
  const taken = answers.flatMap((answer) =>
    answer.status === 'fulfilled' && answer.value['__typename'] === 'Order' ? [String(answer.value['id'])] : [],
  );
  return taken.length === orders.length ? taken : undefined;
}

test('an order that was judged before a halt waits for its end, trades at nothing, and is its owner’s to cancel', {
  timeout: 240_000,
}, async () => {
  const [trader, bystander] = [await traderWithMoney(people, 'AMZN'), await traderWithMoney(people, 'AMZN')];
  const limitPrice = away(await lastPrice(trader), 104n);
  const [market, immediate, kept] = await eventually(async () => {
    const orders = await judgedBefore(() => halt('AMZN'), trader, bystander, [
      { side: 'BUY', type: 'MARKET', quantity: '2' },
      { ...limit, limitPrice, timeInForce: 'IOC' },
      { ...limit, limitPrice },
    ]);
    if (orders !== undefined) return orders as [string, string, string];
    await resume('AMZN');
    throw new Error('the orders were not judged before the halt');
  });
  await becomes(trader, market, { status: 'ACCEPTED', isOpen: true, filledQuantity: '0' });
  await becomes(trader, kept, { status: 'ACCEPTED', isOpen: true, filledQuantity: '0' });
  await becomes(trader, immediate, { status: 'REJECTED', reason: 'HALTED', filledQuantity: '0' });
  const { explanation } = await orderOf(trader, kept, 'explanation { reasons { code } }');
  expect(JSON.stringify(explanation)).toContain('symbol_halted');
  await cancelled(trader, kept);
  await becomes(trader, kept, { status: 'CANCELED', filledQuantity: '0' });
  await accountBecomes(trader, { cash: '20000', holdings: { nodes: [] } });

  await resume('AMZN');
  await becomes(trader, market, { status: 'FILLED', filledQuantity: '2' });
  await accountBecomes(trader, {
    cashReserved: '0',
    holdings: { nodes: [{ symbol: 'AMZN', quantity: '2' }] },
  });
});

test('an order that was judged before a split trades neither old shares nor new ones, and trading goes on', {
  timeout: 300_000,
}, async () => {
  for (const symbol of ['MSFT', 'NVDA', 'META']) {
    const [trader, bystander] = [await traderWithMoney(people, symbol), await traderWithMoney(people, symbol)];
    const price = await lastPrice(trader);
    const orders = await judgedBefore(() => split(symbol), trader, bystander, [
      { side: 'BUY', type: 'MARKET', quantity: '2' },
      { ...limit, limitPrice: away(price, 96n) },
    ]);
    if (orders === undefined) continue;
    for (const id of orders) {
      await becomes(trader, id, { status: 'REJECTED', reason: 'CORPORATE_ACTION', filledQuantity: '0' });
    }
    await accountBecomes(trader, { cash: '20000', cashReserved: '0', holdings: { nodes: [] } });
    await eventually(async () => expect(await isQuoted(bystander)).toBe(true));
    const bought = await eventually(() => placed(bystander, { side: 'BUY', type: 'MARKET', quantity: '1' }));
    await becomes(bystander, bought, { status: 'FILLED' });
    expect(await lastPrice(bystander)).toBeLessThan((price * 6n) / 10n);
    return;
  }
  throw new Error('no order was judged before its split');
});

test('the ledger verifies clean', () => verified(system));
