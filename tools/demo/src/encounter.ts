import { setTimeout as pause } from 'node:timers/promises';
import { add, type Micros, min, subtract, sum } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { lastOf, percentOf } from './belongings.ts';
import { Refused } from './gateway.ts';
import type { Trader } from './people.ts';

const SYMBOL = 'FCX';
const WANTED = '100';
const SOLD = microsOf('40');
const AT_A_TIME = microsOf('800');
const MOST_TRIES = 3;
const MOST_ROUNDS = 4;
const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 200;

/**
 * An order well below the market that is filled in part: somebody sells to all who pay more, and to it a part of what it wants. The seller
 * buys before what that takes and has nearly all of that money back afterwards.
 */
export async function fillInPart(buyer: Trader, seller: Trader): Promise<void> {
  try {
    const last = await lastOf(buyer.session, SYMBOL);
    if (last === undefined || (await filledOf(buyer)) !== undefined) return;
    const limit = percentOf(last, 98n);
    await place(buyer, NAME, { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: WANTED, limitPrice: limit });
    for (let attempt = 1; attempt <= MOST_TRIES && (await filledOf(buyer)) === 0n; attempt += 1)
      await sellDownTo(seller, microsOf(limit), buyer, attempt);
  } catch (error) {
    // A demo without it is a demo all the same.
    if (!(error instanceof Refused)) throw error;
  }
}

async function sellDownTo(seller: Trader, limit: Micros, buyer: Trader, attempt: number): Promise<void> {
  const wanted = async (): Promise<Micros> => add(await biddenAbove(seller, limit), SOLD);
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const held = await heldBy(seller);
    const missing = subtract(await wanted(), held);
    if (missing <= 0n) break;
    // Not more than is on offer at a time; what is taken is offered anew.
    const part = min(missing, AT_A_TIME);
    const name = `${NAME}-buys-${attempt}-${round}`;
    await place(seller, name, { side: 'BUY', type: 'MARKET', quantity: format(part) });
    await until(async () => (await heldBy(seller)) >= add(held, part));
  }
  const quantity = format(await wanted());
  const terms = { side: 'SELL', type: 'LIMIT', timeInForce: 'IOC', quantity, limitPrice: format(limit) };
  await place(seller, `${NAME}-sells-${attempt}`, terms);
  await until(async () => ((await filledOf(buyer)) ?? 0n) > 0n);
}

const NAME = 'demo-in-parts';

async function place({ session, accountId }: Trader, clientOrderId: string, terms: object): Promise<void> {
  const order = { symbol: SYMBOL, ...terms };
  const { placeOrder } = await session.ask<{ placeOrder: { message?: string } }>(PLACE, {
    input: { accountId, clientOrderId, order },
  });
  if (placeOrder.message !== undefined) throw new Refused('refused', placeOrder.message);
}

async function filledOf({ session, accountId }: Trader): Promise<Micros | undefined> {
  const { orderByClientId: order } = await session.ask<{ orderByClientId: { filledQuantity: string } | null }>(FIND, {
    accountId,
    clientOrderId: NAME,
  });
  return order === null ? undefined : microsOf(order.filledQuantity);
}

async function biddenAbove({ session }: Trader, limit: Micros): Promise<Micros> {
  const { book } = await session.ask<{ book: { bids: { price: string; quantity: string }[] } | null }>(BOOK, {
    symbol: SYMBOL,
  });
  const better = book?.bids.filter(({ price }) => microsOf(price) > limit) ?? [];
  return sum(better.map(({ quantity }) => microsOf(quantity)));
}

async function heldBy({ session, accountId }: Trader): Promise<Micros> {
  const { account } = await session.ask<{
    account: { holdings: { nodes: { symbol: string; quantityAvailable: string }[] } };
  }>(HELD, { accountId });
  const holding = account.holdings.nodes.find(({ symbol }) => symbol === SYMBOL);
  return microsOf(holding?.quantityAvailable ?? '0');
}

/** For so long and no longer: what has not come true by then is tried again, or left. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS && !(await isTrue()); waitedMs += LOOK_EVERY_MS)
    await pause(LOOK_EVERY_MS);
}

const PLACE = `mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) { ... on Refusal { message } }
}`;
const FIND = `query Find($accountId: ID!, $clientOrderId: String!) {
  orderByClientId(accountId: $accountId, clientOrderId: $clientOrderId) { filledQuantity }
}`;
const BOOK = 'query Book($symbol: String!) { book(symbol: $symbol, levels: 200) { bids { price quantity } } }';
const HELD = `query Held($accountId: ID!) {
  account(id: $accountId) { holdings(first: 100) { nodes { symbol quantityAvailable } } }
}`;
