import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { type People, peopleOf } from './people.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import {
  accountOf,
  away,
  becomes,
  holderOf,
  isQuoted,
  lastPrice,
  micros,
  operator,
  place,
  placed,
  type Trader,
  traderWithMoney,
  verified,
} from './traders.ts';

/** A split while orders rest, with each service that has a part in it killed in the middle of it. */
const SYMBOL = 'AAPL';
const [TO, FROM] = [3n, 2n];
/** A split takes up to a minute, until its prices begin, and the services come back one after the other. */

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

/** New prices begin with a full minute: a few seconds before one all that happens comes close together. */
const minuteIsNear = () => eventually(() => expect(new Date().getSeconds()).toBeGreaterThan(45));

async function split(id: string): Promise<void> {
  const input = {
    id,
    symbol: SYMBOL,
    type: 'SPLIT',
    ratioTo: Number(TO),
    ratioFrom: Number(FROM),
    exDate: new Date().toISOString().slice(0, 10),
  };
  const { data, errors } = await boss.ask(
    `mutation ($input: ApplyCorporateActionInput!) {
      applyCorporateAction(input: $input) { __typename ... on Refusal { code message } } }`,
    { input },
  );
  expect({ data, errors }).toMatchObject({
    data: { applyCorporateAction: { __typename: 'CorporateAction' } },
    errors: [],
  });
}

interface Account {
  cash: string;
  cashReserved: string;
  holdings: { nodes: { symbol: string; quantity: string; costBasis: string }[] };
  lots: { nodes: { quantityRemaining: string }[] };
}

const stateOf = async (trader: Trader): Promise<Account> =>
  (await accountOf(
    trader,
    'cash cashReserved holdings { nodes { symbol quantity costBasis } } lots { nodes { quantityRemaining } }',
  )) as unknown as Account;

/** A person who looks again and again. */
const ASKED_EVERY_MS = 100;

/** What the shares are said to be worth, again and again, by each way of asking; while nobody answers nothing is said. */
function watchWorth(trader: Trader) {
  const seen: bigint[] = [];
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const { data } = await trader.browser.ask(
        'query ($id: ID!) { account(id: $id) { summary { marketValue } holdings { nodes { marketValue } } } }',
        { id: trader.account },
      );
      const account = data['account'] as { summary: Worth | null; holdings: { nodes: Worth[] } | null } | null;
      for (const worth of [account?.summary, ...(account?.holdings?.nodes ?? [])]) {
        if (typeof worth?.marketValue === 'string') seen.push(micros(worth.marketValue));
      }
      await pause(ASKED_EVERY_MS);
    }
  })();
  // Where the test ends before, this does with the system.
  watching.catch(() => undefined);
  return async (atLeast: number): Promise<bigint[]> => {
    // How long services are away is the machine's business.
    await eventually(() => expect(seen.length).toBeGreaterThan(atLeast));
    over.abort();
    await watching;
    return seen;
  };
}

interface Worth {
  marketValue: string | null;
}

test('orders before it end, what is held is multiplied, and trading goes on at the new price, whoever was killed', {
  timeout: 300_000,
}, async () => {
  const [holder, waiting] = [await holderOf(people, SYMBOL, '10'), await traderWithMoney(people, SYMBOL)];
  const oldPrice = await lastPrice(holder);
  const low = away(oldPrice, 92n);
  const buy = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '5', limitPrice: low };
  const sell = { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', quantity: '4', limitPrice: away(oldPrice, 108n) };
  const stop = { side: 'SELL', type: 'STOP', timeInForce: 'GTC', quantity: '2', stopPrice: low };
  const resting: [Trader, string][] = [
    [holder, await placed(holder, buy)],
    [holder, await placed(holder, sell)],
    [holder, await placed(holder, stop)],
    [waiting, await placed(waiting, buy)],
  ];
  for (const [trader, id] of resting) await becomes(trader, id, { isOpen: true });
  const [before, waitingBefore] = [await stateOf(holder), await stateOf(waiting)];

  const worth = 10n * oldPrice;
  const seenWorth = watchWorth(holder);
  await minuteIsNear();
  const id = randomUUID();
  // Nobody matches, so no order can end yet, and what is said to the engine lies in its log.
  await system.stop('engine', 'SIGKILL');
  await split(id);
  // Its news may be out or not.
  await system.stop('stock', 'SIGKILL');
  await Promise.all([system.stop('portfolio', 'SIGKILL'), system.stop('order', 'SIGKILL')]);
  await system.start('stock');
  // Whoever got no answer says it again.
  await eventually(() => split(id));
  await system.start('engine');
  await system.start('portfolio');
  await system.stop('portfolio', 'SIGKILL');
  await Promise.all([system.start('portfolio'), system.start('order')]);

  for (const [trader, orderId] of resting) {
    await eventually(async () => {
      const { data } = await trader.browser.ask('query ($id: ID!) { order(id: $id) { status reason } }', {
        id: orderId,
      });
      expect(data).toEqual({ order: { status: 'CANCELED', reason: 'CORPORATE_ACTION' } });
    });
  }
  const quantity = (10n * TO) / FROM;
  await eventually(async () => {
    const after = await stateOf(holder);
    expect(after).toMatchObject({ cash: before.cash, cashReserved: '0' });
    expect(after.holdings.nodes).toEqual([{ ...before.holdings.nodes[0], quantity: String(quantity) }]);
    expect(after.lots.nodes.reduce((sum, lot) => sum + micros(lot.quantityRemaining), 0n)).toBe(quantity * 1_000_000n);
    expect(await stateOf(waiting)).toMatchObject({
      cash: waitingBefore.cash,
      cashReserved: '0',
      holdings: { nodes: [] },
    });
  });

  // Trading goes on by itself, around a price that is as much lower as there are more shares.
  await eventually(async () => expect(await isQuoted(waiting)).toBe(true));
  const order = { side: 'BUY', type: 'MARKET', quantity: '1' };
  const bought = await eventually(async () => {
    const answer = await place(waiting, order);
    expect(answer, JSON.stringify(answer)).toMatchObject({ __typename: 'Order' });
    return String(answer['id']);
  });
  await becomes(waiting, bought, { status: 'FILLED' });
  const [expected, price] = [(oldPrice * FROM) / TO, await lastPrice(waiting)];
  expect(isAbout(price, expected)).toBe(true);
  const seen = await seenWorth(20);
  // What the house sold is counted anew like what clients bought of it.
  await eventually(async () => expect(await owedByHouse()).toEqual({ house: -16_000_000n, clients: 16_000_000n }));
  // Old shares at a new price would be a third less, new ones at an old price half as much again.
  expect(seen.filter((value) => !isAbout(value, worth))).toEqual([]);
});

async function owedByHouse() {
  const [row] = await system.database('portfolio_db')<{ house: bigint; clients: bigint }[]>`
    select (sum(ledger.posted) filter (where owner.kind = 'house'))::bigint as house,
      (sum(ledger.posted) filter (where ledger.kind = 'position'))::bigint as clients
    from ledger_accounts ledger join accounts owner on owner.id = ledger.account_id where ledger.asset = ${SYMBOL}`;
  return row;
}

/** Prices move a little meanwhile. */
function isAbout(value: bigint, expected: bigint): boolean {
  return value * 100n > expected * 92n && value * 100n < expected * 108n;
}

test('the ledger verifies clean', () => verified(system));
