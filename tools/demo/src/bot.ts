import type { Micros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { Refused, type Session } from './gateway.ts';
import type { Dice, Intent, Strategy, View } from './strategies.ts';

export interface BotOptions {
  name: string;
  session: Session;
  accountId: string;
  symbols: readonly string[];
  strategy: Strategy;
  dice: Dice;
  /** Cancels what it left resting before it decides anew, as a market maker does. */
  replacesItsOrders?: boolean;
}

/** One trader. A round looks at one symbol, decides, and sends what it decided. */
export interface Bot {
  readonly name: string;
  round(): Promise<{ placed: number; refused: number }>;
}

const MAX_HISTORY = 120;
const MAX_OPEN = 40;

export function createBot({ name, session, accountId, symbols, strategy, dice, replacesItsOrders }: BotOptions): Bot {
  const history = new Map<string, bigint[]>();
  let turn = Math.floor(dice() * symbols.length);
  return {
    name,
    async round() {
      const symbol = symbols[turn++ % symbols.length] ?? '';
      const { view, open } = await look(session, accountId, symbol, history);
      if (view === undefined) return { placed: 0, refused: 0 };
      // Whoever leaves orders behind for ever is no trader but a flood.
      if (replacesItsOrders === true || open > MAX_OPEN) await session.ask(CANCEL_ALL, { accountId, symbol });
      const outcomes = await Promise.all(
        strategy(view, dice).map((intent) => place(session, accountId, symbol, intent)),
      );
      return { placed: outcomes.filter(Boolean).length, refused: outcomes.filter((placed) => !placed).length };
    },
  };
}

async function look(session: Session, accountId: string, symbol: string, history: Map<string, bigint[]>) {
  const { quote, instrument, account } = await session.ask<Looked>(LOOK, { accountId, symbol });
  if (quote === null || instrument === null || account === null) return { view: undefined, open: 0 };
  const seen = history.get(symbol) ?? [];
  seen.push(microsOf(quote.last));
  if (seen.length > MAX_HISTORY) seen.shift();
  history.set(symbol, seen);
  const holding = account.holdings?.nodes.find((one) => one.symbol === symbol);
  const view: View = {
    symbol,
    bid: microsOf(quote.bid),
    ask: microsOf(quote.ask),
    tick: microsOf(instrument.tick),
    history: seen,
    held: microsOf(holding?.quantityAvailable ?? '0'),
    cash: microsOf(account.cashAvailable),
  };
  return { view, open: account.blotterSummary?.open ?? 0 };
}

async function place(session: Session, accountId: string, symbol: string, intent: Intent): Promise<boolean> {
  const { quantity, limitPrice, ...rest } = intent;
  const order = {
    symbol,
    ...rest,
    quantity: format(quantity as Micros),
    ...(limitPrice === undefined ? {} : { limitPrice: format(limitPrice as Micros) }),
  };
  try {
    const { placeOrder } = await session.ask<{ placeOrder: { orderId?: string } | null }>(PLACE, {
      input: { accountId, clientOrderId: crypto.randomUUID(), order },
    });
    return placeOrder?.orderId !== undefined;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

interface Looked {
  quote: { last: string; bid: string; ask: string } | null;
  instrument: { tick: string } | null;
  account: {
    cashAvailable: string;
    blotterSummary: { open: number } | null;
    holdings: { nodes: { symbol: string; quantityAvailable: string }[] } | null;
  } | null;
}

const LOOK = `query Look($accountId: ID!, $symbol: String!) {
  quote(symbol: $symbol) { last bid ask }
  instrument(symbol: $symbol) { tick }
  account(id: $accountId) {
    cashAvailable
    blotterSummary { open }
    holdings(first: 100) { nodes { symbol quantityAvailable } }
  }
}`;

const PLACE = `mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on Order { orderId } } }`;

const CANCEL_ALL = `mutation CancelAll($accountId: ID!, $symbol: String) {
  cancelAllOrders(accountId: $accountId, symbol: $symbol) { __typename }
}`;
