import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import type { Micros } from '@andvari/money';
import { format, parseMicros } from '@andvari/money/decimal';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { expect } from 'vitest';
import type { Browser, Reply } from './browser.ts';
import { type People, type Person } from './people.ts';
import type { System } from './system.ts';

/** What people do who trade, through GraphQL alone; each in one symbol. */
export interface Trader {
  browser: Browser;
  account: string;
  symbol: string;
}

export interface OrderView {
  id: string;
  status: string;
  filledQuantity: string;
  remainingQuantity: string;
  averagePrice: string | null;
  replacedBy: string | null;
}

export const DEPOSIT = 20_000n * 1_000_000n;
export const ORDER =
  '__typename ... on Order { id orderId status filledQuantity remainingQuantity averagePrice replacedBy }';

/** Somebody with an account for shares and twenty thousand dollars in it. */
export async function traderWithMoney(people: People, symbol = 'AAPL'): Promise<Trader> {
  return withMoney(await people.registered(), symbol);
}

/** The same for somebody who has an account with us already. */
export async function withMoney({ browser }: Pick<Person, 'browser'>, symbol: string): Promise<Trader> {
  const opened = await browser.ask(
    'mutation ($input: OpenAccountInput!) { openAccount(input: $input) { ... on Account { id } ... on Refusal { code message } } }',
    { input: { kind: 'INVESTMENT', currency: 'USD', name: 'Trading', idempotencyKey: randomUUID() } },
  );
  expect(opened.errors).toEqual([]);
  const account = (opened.data['openAccount'] as { id: string }).id;
  const trader = { browser, account, symbol };
  const input = { accountId: account, amount: format(DEPOSIT as Micros), idempotencyKey: randomUUID() };
  const deposited = await browser.ask(
    'mutation ($input: DepositInput!) { deposit(input: $input) { __typename ... on Funding { state } ... on Refusal { code } } }',
    { input },
  );
  expect(deposited.data['deposit']).toMatchObject({ __typename: 'Funding' });
  await eventually(async () => expect(await accountOf(trader, 'cash')).toEqual({ cash: '20000' }));
  await eventually(async () => expect(await lastPrice(trader)).toBeGreaterThan(0n));
  await eventually(async () => expect(await isQuoted(trader)).toBe(true));
  return trader;
}

/** Good till cancelled, unless it is said otherwise. */
export const limit = (side: 'BUY' | 'SELL', quantity: string, limitPrice: string, timeInForce = 'GTC') => ({
  side,
  type: 'LIMIT',
  timeInForce,
  quantity,
  limitPrice,
});

export async function place(
  trader: Trader,
  order: Record<string, unknown>,
  clientOrderId: string = randomUUID(),
): Promise<Record<string, unknown>> {
  const { data, errors } = await tryToPlace(trader, order, clientOrderId);
  expect(errors).toEqual([]);
  return data['placeOrder'] as Record<string, unknown>;
}

/** Whatever comes of it: an answer, or that there is none at the moment. */
export function tryToPlace(
  { browser, account, symbol }: Trader,
  order: Record<string, unknown>,
  clientOrderId: string,
): Promise<Reply> {
  const input = { accountId: account, clientOrderId, order: { symbol, ...order } };
  return browser.ask(
    `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { ${ORDER}
      ... on Refusal { code message }
      ... on InsufficientBuyingPower { required available shortBy currency }
      ... on InsufficientShares { required available shortBy }
      ... on InvalidOrder { field allowed { step nearestBelow nearestAbove } }
      ... on DuplicateClientOrderId { orderId } } }`,
    { input },
  );
}

export async function closed({ browser, account, symbol }: Trader): Promise<Record<string, unknown>> {
  const { data } = await browser.ask(
    `mutation ($input: ClosePositionInput!) { closePosition(input: $input) { ${ORDER} ... on Refusal { code message } } }`,
    { input: { accountId: account, symbol } },
  );
  return data['closePosition'] as Record<string, unknown>;
}

export async function cancelled({ browser }: Trader, id: string): Promise<Record<string, unknown>> {
  const { data } = await browser.ask(
    'mutation ($id: ID!) { cancelOrder(orderId: $id) { __typename ... on Refusal { code } ... on TooLate { status } } }',
    { id },
  );
  return data['cancelOrder'] as Record<string, unknown>;
}

export async function orderOf(
  { browser }: Trader,
  id: string,
  more = '',
): Promise<OrderView & Record<string, unknown>> {
  const { data, errors } = await browser.ask(
    `query ($id: ID!) { order(id: $id) { id status filledQuantity remainingQuantity averagePrice replacedBy ${more} } }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data['order'] as OrderView & Record<string, unknown>;
}

export async function ended(trader: Trader, id: string): Promise<OrderView> {
  return eventually(async () => {
    const order = await orderOf(trader, id, 'isOpen reason');
    expect(order['isOpen'], JSON.stringify(order)).toBe(false);
    return order;
  });
}

export async function accountOf({ browser, account }: Trader, fields: string): Promise<Record<string, unknown>> {
  const { data, errors } = await browser.ask(`query ($id: ID!) { account(id: $id) { ${fields} } }`, { id: account });
  expect(errors).toEqual([]);
  return data['account'] as Record<string, unknown>;
}

export function activitiesOf(account: Record<string, unknown>) {
  return (
    account['activities'] as {
      nodes: { type: string; symbol: string | null; quantity: string | null; amount: string }[];
    }
  ).nodes;
}

export async function lastPrice({ browser, symbol }: Trader): Promise<bigint> {
  const { data } = await browser.ask(`{ quote(symbol: "${symbol}") { last } }`);
  return micros((data['quote'] as { last: string } | null)?.last ?? '0');
}

/** Whether the house trades already. */
export async function isQuoted({ browser, symbol }: Trader): Promise<boolean> {
  const { data } = await browser.ask(`{ book(symbol: "${symbol}") { bids { price } asks { price } } }`);
  const book = data['book'] as { bids: unknown[]; asks: unknown[] } | null;
  return book !== null && book.bids.length > 0 && book.asks.length > 0;
}

/** So many percent of a price, on the tick. */
export function away(price: bigint, percent: bigint): string {
  const cents = (price * percent) / 100n / 10_000n;
  return format((cents * 10_000n) as Micros);
}

export function micros(text: string): bigint {
  const parsed = parseMicros(text);
  if (!parsed.ok) throw new Error(`${text} is no decimal`);
  return parsed.value;
}

/** Places an order that must be taken; its id. */
export async function placed(trader: Trader, order: Record<string, unknown>): Promise<string> {
  const answer = await place(trader, order);
  expect(answer, JSON.stringify(answer)).toMatchObject({ __typename: 'Order' });
  return String(answer['id']);
}

/** An order once it is as it should be. */
export function becomes(trader: Trader, id: string, expected: Record<string, unknown>): Promise<unknown> {
  return eventually(async () => {
    const order = await orderOf(trader, id, 'isOpen reason executions { quantity price }');
    expect(order, JSON.stringify(order)).toMatchObject(expected);
  });
}

export function accountBecomes(trader: Trader, expected: Record<string, unknown>): Promise<unknown> {
  return eventually(async () => {
    const account = await accountOf(trader, 'cash cashReserved holdings { nodes { symbol quantity } }');
    expect(account, JSON.stringify(account)).toMatchObject(expected);
  });
}

/** Somebody who has some shares as well, bought from the house. */
export async function holderOf(people: People, symbol: string, quantity: string): Promise<Trader> {
  const trader = await traderWithMoney(people, symbol);
  const id = await placed(trader, { side: 'BUY', type: 'MARKET', quantity });
  await becomes(trader, id, { status: 'FILLED', filledQuantity: quantity });
  await accountBecomes(trader, { holdings: { nodes: [{ symbol, quantity }] } });
  return trader;
}

/** Somebody who may halt, resume and split. */
export async function operator(system: System, people: People): Promise<Browser> {
  const { browser, userId } = await people.registered();
  const security = system.client('security', SecurityServiceService);
  await security.grantRole({ userId, role: 'operator', reason: 'runs the market', expiresAtUs: 0n });
  await eventually(async () => {
    const { data } = await browser.ask('{ myPermissions { permissions } }');
    expect(JSON.stringify(data)).toContain('market:halt');
  });
  return browser;
}

/** The ledger finds nothing wrong with itself. For the end of every file. */
export async function verified(system: System): Promise<void> {
  const portfolio = system.client('portfolio', PortfolioServiceService);
  await eventually(async () => {
    const findings: unknown[] = [];
    let isWhole = false;
    for await (const { kind } of portfolio.verify({}, { timeoutMs: 60_000 })) {
      if (kind?.$case === 'finding') findings.push(kind.value);
      if (kind?.$case === 'summary') isWhole = true;
    }
    expect({ isWhole, findings }).toEqual({ isWhole: true, findings: [] });
  });
}

/** As the services know what GraphQL calls by an opaque id. */
export function uuidOf(id: string): string {
  return Buffer.from(id, 'base64url').toString().split(':')[1] ?? '';
}
