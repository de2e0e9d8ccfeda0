import { amount, MICRO, type Micros, type Price, scale, toMicros, toPrice, toQuantity } from '@andvari/money';
import { type Dice, diceOf, idOf } from './dice.ts';
import type { PastDay, PastMarket } from './past-market.ts';

/** Somebody who was never there, with all that they did in a year. */
export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly accountId: string;
  readonly openedAtUs: bigint;
  readonly depositId: string;
  readonly deposit: Micros;
  readonly orders: readonly PastOrder[];
}

export interface PastOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly qty: bigint;
  /** 0n for a market order. */
  readonly limitPx: bigint;
  readonly held: bigint;
  /** 0n where it was cancelled without having traded. */
  readonly fillPx: bigint;
  readonly execId: string;
  readonly placedAtUs: bigint;
  readonly endedAtUs: bigint;
  /** Its day ended before it traded. */
  readonly expired: boolean;
}

const GIVEN = [
  'Ada',
  'Alan',
  'Barbara',
  'Claude',
  'Edsger',
  'Frances',
  'Grace',
  'Hedy',
  'John',
  'Katherine',
  'Leslie',
  'Margaret',
  'Niklaus',
  'Radia',
];
const FAMILY = [
  'Allen',
  'Dijkstra',
  'Hamilton',
  'Hopper',
  'Johnson',
  'Lamarr',
  'Lamport',
  'Liskov',
  'Lovelace',
  'McCarthy',
  'Perlman',
  'Shannon',
  'Turing',
  'Wirth',
];

/** What is not left to the dice. */
export type Given = Partial<Pick<Person, 'email' | 'givenName' | 'familyName' | 'deposit'>> & {
  /** On which day of the year the account was opened. */
  readonly opened?: number;
  /** Whether one order of theirs was still open when its day ended. */
  readonly waited?: boolean;
};

/** Who opened an account early in the year, bought two things, sold half of the first and now and then gave an order up. */
export function personOf(market: PastMarket, seed: string, number: number, given: Given = {}): Person {
  const words = `${seed}/${number}`;
  const dice = diceOf(words);
  const { days } = market;
  const last = days.length - 1;
  const thrown = {
    opened: dice.whole(0, Math.floor(last / 4)),
    deposit: toMicros(BigInt(dice.whole(50, 1000)) * 100n * MICRO),
  };
  const { opened = thrown.opened, deposit = thrown.deposit } = given;
  const share = toMicros(deposit / 3n);
  const first = dice.pick(market.symbols);
  const second = dice.pick(market.symbols.filter((symbol) => symbol !== first));
  const firstAt = dice.whole(opened + 1, Math.floor(last / 2));
  const orders = new Orders(`seed-${seed}-${number}`, dice);
  const bought = orders.buy(days[firstAt], first, share);
  orders.buy(days[dice.whole(opened + 1, last)], second, share);
  if (bought >= 2n * MICRO) orders.sell(days[dice.whole(firstAt + 1, last)], first, (bought / MICRO / 2n) * MICRO);
  if (dice.whole(1, 4) === 1) orders.giveUp(days[dice.whole(opened + 1, last)], second, share);
  if (given.waited === true) orders.wait(days[dice.whole(firstAt, last)], first, share);
  return {
    userId: idOf(`user/${words}`, number),
    email: given.email ?? `load-${seed}-${String(number).padStart(7, '0')}@seed.example`,
    givenName: given.givenName ?? dice.pick(GIVEN),
    familyName: given.familyName ?? dice.pick(FAMILY),
    accountId: idOf(`account/${words}`, number),
    openedAtUs: (days[opened]?.atUs ?? 0n) - DAY_US,
    depositId: idOf(`deposit/${words}`, number),
    deposit,
    orders: orders.made,
  };
}

const DAY_US = 86_400_000_000n;
const SECOND_US = 1_000_000n;
/** A market order holds so much more than the price of the moment, as one that is placed does. */
const COLLAR = 50_000n;
const SESSION_SECONDS = 5 * 3600;

type Made = 'clientOrderId' | 'execId' | 'placedAtUs' | 'endedAtUs' | 'expired';

class Orders {
  readonly made: PastOrder[] = [];
  readonly #name: string;
  readonly #dice: Dice;

  constructor(name: string, dice: Dice) {
    this.#name = name;
    this.#dice = dice;
  }

  /** As many whole shares as the money is enough for, at market or with a limit a little above; answers how many. */
  buy(day: PastDay | undefined, symbol: string, money: Micros): bigint {
    const price = priceOf(day, symbol);
    const worst = scale(price, MICRO + COLLAR, MICRO, 'up');
    const qty = (money / worst) * MICRO;
    if (qty === 0n) return 0n;
    const limitPx = this.#dice.whole(0, 1) === 0 ? 0n : onTick(scale(price, 101n, 100n, 'up'));
    const held = amount(limitPx === 0n ? worst : toPrice(limitPx), toQuantity(qty));
    this.#add(day, { symbol, side: 'buy', qty, limitPx, held, fillPx: price });
    return qty;
  }

  sell(day: PastDay | undefined, symbol: string, qty: bigint): void {
    this.#add(day, { symbol, side: 'sell', qty, limitPx: 0n, held: qty, fillPx: priceOf(day, symbol) });
  }

  /** A limit that the market never came to, until it was cancelled. */
  giveUp(day: PastDay | undefined, symbol: string, money: Micros): void {
    this.#never(day, symbol, money, false);
  }

  /** The same, until the end of the day. */
  wait(day: PastDay | undefined, symbol: string, money: Micros): void {
    this.#never(day, symbol, money, true);
  }

  #never(day: PastDay | undefined, symbol: string, money: Micros, expired: boolean): void {
    const limitPx = onTick(scale(priceOf(day, symbol), 8n, 10n, 'down'));
    const qty = (money / 4n / limitPx) * MICRO;
    if (qty === 0n) return;
    const held = amount(toPrice(limitPx), toQuantity(qty));
    this.#add(day, { symbol, side: 'buy', qty, limitPx, held, fillPx: 0n, expired });
  }

  #add(day: PastDay | undefined, { expired = false, ...order }: Omit<PastOrder, Made> & { expired?: boolean }): void {
    const number = this.made.length + 1;
    const placedAtUs = (day?.atUs ?? 0n) + BigInt(this.#dice.whole(0, SESSION_SECONDS)) * SECOND_US;
    const waitedUs = (order.fillPx === 0n ? 1800n : 1n) * SECOND_US;
    const endedAtUs = expired ? (placedAtUs / DAY_US + 1n) * DAY_US : placedAtUs + waitedUs;
    const names = { clientOrderId: `seed-${number}`, execId: `${this.#name}-${number}` };
    this.made.push({ ...names, ...order, placedAtUs, endedAtUs, expired });
  }
}

function priceOf(day: PastDay | undefined, symbol: string): Price {
  const price = day?.closes.get(symbol);
  if (price === undefined) throw new Error(`nobody knows what ${symbol} cost on that day`);
  return price;
}

function onTick(price: Price): Price {
  const CENT = 10_000n;
  return toPrice((price / CENT) * CENT);
}
