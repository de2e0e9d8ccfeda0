import { randomUUID } from 'node:crypto';
import type { Session } from '@andvari/demo/gateway';
import { signIn, withApiKey } from '@andvari/demo/gateway';
import { DEMO_NAMES, DEMO_PASSWORD, emailOf, enlist } from '@andvari/demo/people';
import { type Given, OK, type SystemCommand, WRONG } from '../command.ts';
import type { Row } from '../print.ts';
import { CommandError, UsageError } from '../system.ts';
import { wholeNumber } from '../whole-number.ts';
import type { World } from '../world.ts';

const as = { user: { type: 'string' } } as const;

const ls: SystemCommand = {
  name: 'orders ls',
  summary: 'The newest orders of a user, demo by default; --open for those that have not ended',
  options: { ...as, open: { type: 'boolean' }, limit: { type: 'string' } },
  async run(world, given, print) {
    const { session, accountId } = await traderOf(world, given);
    const first = wholeNumber('--limit', given.values['limit'], { from: 1, to: 100 }) ?? 20;
    const state = given.values['open'] === true ? 'OPEN' : 'ALL';
    const { orders } = await session.ask<{ orders: { nodes: Row[] } }>(LIST, { accountId, first, state });
    print.rows(orders.nodes.map(shown), 'There is no such order.');
    return OK;
  },
};

const place: SystemCommand = {
  name: 'orders place',
  usage: 'buy|sell QUANTITY SYMBOL',
  summary: 'Places an order as a user does: at market, or no worse than --limit PRICE',
  words: { from: 3, to: 3 },
  options: { ...as, limit: { type: 'string' } },
  changes: true,
  async run(world, given, print) {
    const { positionals, values } = given;
    const [word = '', quantity = '', symbol = ''] = positionals;
    const side = word.toUpperCase();
    if (side !== 'BUY' && side !== 'SELL') throw new UsageError(`one buys or sells, and does not ${word}`);
    const { session, accountId } = await traderOf(world, given);
    const { limit } = values;
    const kind = typeof limit === 'string' ? { type: 'LIMIT', limitPrice: limit } : { type: 'MARKET' };
    const order = { symbol: symbol.toUpperCase(), side, quantity, ...kind };
    const { placeOrder } = await session.ask<{ placeOrder: Placed }>(PLACE, {
      input: { accountId, clientOrderId: randomUUID(), order },
    });
    const { message } = placeOrder;
    if (message !== undefined) {
      print.outcome(`Refused: ${message}`, { ...placeOrder });
      return WRONG;
    }
    print.rows([shown(placeOrder as Row)], '');
    return OK;
  },
};

const cancel: SystemCommand = {
  name: 'orders cancel',
  usage: 'ID',
  summary: 'Asks for the end of one of a user’s orders, by the id that ls shows',
  words: { from: 1, to: 1 },
  options: as,
  changes: true,
  async run(world, given, print) {
    const { session } = await traderOf(world, given);
    const { cancelOrder } = await session.ask<{ cancelOrder: Placed }>(CANCEL, { id: given.positionals[0] });
    const { message } = cancelOrder;
    if (message !== undefined) {
      print.outcome(`Refused: ${message}`, { ...cancelOrder });
      return WRONG;
    }
    print.rows([shown(cancelOrder as Row)], '');
    return OK;
  },
};

export const orderCommands: readonly SystemCommand[] = [ls, place, cancel];

/** An order, or why there is none. */
type Placed = Partial<Row> & { readonly message?: string };

/**
 * Whoever trades: with the API key in ANDVARI_KEY_ID and ANDVARI_KEY_SECRET anybody, and in development without one the
 * people of the demo, whose password everybody knows.
 */
async function traderOf(world: World, { values }: Given): Promise<{ session: Session; accountId: string }> {
  const { gateway, environment } = world.places;
  const { ANDVARI_KEY_ID: id, ANDVARI_KEY_SECRET: secret } = process.env;
  if (id !== undefined && secret !== undefined) {
    const session = withApiKey(gateway, { id, secret });
    return { session, accountId: await firstAccount(session) };
  }
  if (environment !== 'development')
    throw new CommandError('say with whose API key: ANDVARI_KEY_ID and ANDVARI_KEY_SECRET');
  const { user } = values;
  if (user === undefined) return enlist(gateway, 'demo', '100000');
  const name = DEMO_NAMES.find((known) => emailOf(known) === user);
  // Signing in signs up whom nobody knows, which is for these alone.
  if (name === undefined) throw new UsageError(`--user is one of the demo: ${DEMO_NAMES.map(emailOf).join(', ')}`);
  const session = await signIn(gateway, { email: emailOf(name), password: DEMO_PASSWORD, name });
  return { session, accountId: await firstAccount(session) };
}

async function firstAccount(session: Session): Promise<string> {
  const { accounts } = await session.ask<{ accounts: { nodes: { id: string; kind: string }[] } }>(
    '{ accounts(first: 20) { nodes { id kind } } }',
  );
  const account = accounts.nodes.find(({ kind }) => kind === 'INVESTMENT');
  if (account === undefined) throw new CommandError('this user has no account to trade with');
  return account.id;
}

function shown({ submittedAt, symbol, side, type, quantity, filledQuantity, limitPrice, status, id }: Row): Row {
  const said = {
    submitted: submittedAt,
    symbol,
    side,
    type,
    quantity,
    filled: filledQuantity,
    limit: limitPrice,
    status,
    id,
  };
  return Object.fromEntries(Object.entries(said).map(([name, value]) => [name, value ?? '']));
}

const FIELDS = 'id submittedAt symbol side type quantity filledQuantity limitPrice status';
const LIST = `query ($accountId: ID!, $first: Int!, $state: OrderState!) {
  orders(accountId: $accountId, first: $first, filter: { state: $state }) { nodes { ${FIELDS} } } }`;
const PLACE = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on Order { ${FIELDS} } ... on Refusal { code message } } }`;
const CANCEL = `mutation ($id: ID!) { cancelOrder(orderId: $id) { ... on Order { ${FIELDS} } ... on Refusal { code message } } }`;
