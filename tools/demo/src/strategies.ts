/** What a bot sees of one instrument, in micro-units. */
export interface View {
  symbol: string;
  bid: bigint;
  ask: bigint;
  tick: bigint;
  /** The last prices, the newest last. */
  history: readonly bigint[];
  /** Shares that may be sold. */
  held: bigint;
  /** Money that may be spent. */
  cash: bigint;
}

export interface Intent {
  side: 'BUY' | 'SELL';
  type: 'MARKET' | 'LIMIT';
  timeInForce: 'DAY' | 'GTC' | 'IOC';
  quantity: bigint;
  limitPrice?: bigint;
}

/** A number from 0 up to 1. The time and the dice are arguments. */
export type Dice = () => number;

/** Decides what to do now; most of the time that is nothing. */
export type Strategy = (view: View, dice: Dice) => Intent[];

const ONE = 1_000_000n;

/** Trades a little in either direction for no reason: the market’s background. */
export const noise: Strategy = (view, dice) => {
  if (dice() < 0.4) return [];
  const side = dice() < 0.5 ? 'BUY' : 'SELL';
  const quantity = BigInt(1 + Math.floor(dice() * 20)) * ONE;
  if (dice() < 0.5) return affordable(view, { side, type: 'MARKET', timeInForce: 'DAY', quantity });
  const away = view.tick * BigInt(1 + Math.floor(dice() * 6));
  const limitPrice = side === 'BUY' ? view.bid - away : view.ask + away;
  return affordable(view, { side, type: 'LIMIT', timeInForce: 'DAY', quantity, limitPrice });
};

/** Follows a move once it is clear, and gives up what it has when the move turns. */
export const momentum: Strategy = (view) => {
  const { history } = view;
  if (history.length < 20) return [];
  const [then, now] = [mean(history.slice(-20, -5)), mean(history.slice(-5))];
  const quantity = 25n * ONE;
  if (now * 1000n > then * 1001n)
    return affordable(view, { side: 'BUY', type: 'MARKET', timeInForce: 'DAY', quantity });
  if (now * 1000n < then * 999n && view.held > 0n) {
    return affordable(view, { side: 'SELL', type: 'MARKET', timeInForce: 'DAY', quantity: whole(view.held) });
  }
  return [];
};

/** Waits below and above what it takes for the worth. */
export const value: Strategy = (view, dice) => {
  if (view.history.length < 10 || dice() < 0.7) return [];
  const worth = mean(view.history);
  const quantity = 10n * ONE;
  const buyAt = onTick((worth * 998n) / 1000n, view.tick);
  const sellAt = onTick((worth * 1002n) / 1000n, view.tick);
  return [
    ...affordable(view, { side: 'BUY', type: 'LIMIT', timeInForce: 'DAY', quantity, limitPrice: buyAt }),
    ...affordable(view, { side: 'SELL', type: 'LIMIT', timeInForce: 'DAY', quantity, limitPrice: sellAt }),
  ].slice(0, dice() < 0.5 ? 1 : 2);
};

/** Quotes both sides around the middle, leaning away from what it holds too much of. */
export const makeMarket =
  (target: bigint): Strategy =>
  (view) => {
    const middle = (view.bid + view.ask) / 2n;
    const lean = view.held > target ? -view.tick : view.held < target ? view.tick : 0n;
    const half = (view.ask - view.bid) / 4n > view.tick ? (view.ask - view.bid) / 4n : view.tick;
    const quantity = 50n * ONE;
    const quote = (side: Intent['side'], price: bigint): Intent[] =>
      affordable(view, { side, type: 'LIMIT', timeInForce: 'DAY', quantity, limitPrice: onTick(price, view.tick) });
    return [...quote('BUY', middle - half + lean), ...quote('SELL', middle + half + lean)];
  };

/** What one cannot pay or does not have is not asked for. */
function affordable(view: View, intent: Intent): Intent[] {
  if (intent.side === 'SELL') {
    const quantity = intent.quantity < view.held ? intent.quantity : whole(view.held);
    return [{ ...intent, quantity }].filter(isSome);
  }
  // A market order reserves more than the price of now.
  const price = ((intent.limitPrice ?? view.ask) * 11n) / 10n;
  return (price * intent.quantity) / ONE <= view.cash ? [intent] : [];
}

function isSome({ quantity }: Intent): boolean {
  return quantity > 0n;
}

function whole(quantity: bigint): bigint {
  return quantity - (quantity % ONE);
}

function onTick(price: bigint, tick: bigint): bigint {
  return price - (price % tick);
}

function mean(prices: readonly bigint[]): bigint {
  return prices.reduce((sum, price) => sum + price, 0n) / BigInt(Math.max(prices.length, 1));
}
