import type { Db } from '@andvari/kit/db/types';
import { add, type Micros, type Price, subtract, toMicros, ZERO } from '@andvari/money';
import type { OpenedAccount } from '../domain/account.ts';
import type { Activity } from '../domain/activity.ts';
import { dayGain } from '../domain/holding-day.ts';
import { type EquityPoint, type HistoryPoint, history } from '../domain/performance.ts';
import { type Period, spanOf } from '../domain/period.ts';
import { realised, valued } from '../domain/position.ts';
import { priceAsHeld, type SplitUnderWay } from '../domain/split-under-way.ts';
import type { QuoteSource } from '../ports/quotes.ts';
import { type ActivityQuery, cashBefore, listActiveSpans, listActivities } from '../store/activities.ts';
import {
  type Contents,
  findContents,
  type HeldPosition,
  type ListedLot,
  listHoldings,
  listLots,
} from '../store/holdings.ts';
import { listSnapshots, type Snapshot } from '../store/snapshots.ts';
import { withinRange } from './refusals.ts';

export type Quote = {
  readonly price: Price;
  readonly previousClose: Price | undefined;
  /** When that was. */
  readonly previousCloseAtUs?: bigint | undefined;
  /** Older than it is good for. */
  readonly stale?: boolean;
  /** Absent where it is of the shares that are held, whatever they are. */
  readonly asOfUs?: bigint;
};

export type Summary = {
  readonly cash: Micros;
  readonly marketValue: Micros;
  readonly equity: Micros;
  readonly costBasis: Micros;
  readonly unrealised: Micros;
  readonly realised: Micros;
  /** What the shares have gained since the market's close before, whenever they came and went. */
  readonly dayChange: Micros;
  /** The part of it that is of symbols of which nothing is held any more. */
  readonly dayChangeOfGone: Micros;
  /** What its owner ever brought less what they took: it is no gain. */
  readonly netPaidIn: Micros;
  readonly unquoted: readonly string[];
  readonly stale: readonly string[];
};

export type History = {
  readonly points: readonly HistoryPoint[];
  /** Paid in, less paid out, before the first of them. */
  readonly basePaidIn: Micros;
  readonly stepUs: bigint;
};

/** More than any period has at its timeframe, leap years included. */
const MAX_POINTS = 2000;

/** Everything here is read from rows that the writes keep up to date; nothing is added up from history but the day so far. */
export function createReading({ db, now, quotes }: { db: Db; now: () => bigint; quotes: QuoteSource }) {
  return {
    async holdings(query: Parameters<typeof listHoldings>[1]): Promise<HeldPosition[]> {
      return listHoldings(db, query, lastClose(await quotes()));
    },

    lots(query: Parameters<typeof listLots>[1]): Promise<ListedLot[]> {
      return listLots(db, query);
    },

    activities(query: ActivityQuery): Promise<Activity[]> {
      return listActivities(db, query);
    },

    cashBefore(accountId: string, atUs: bigint): Promise<bigint> {
      return cashBefore(db, accountId, atUs);
    },

    activeSpans(accountId: string, boundsUs: readonly bigint[]): Promise<bigint[]> {
      return listActiveSpans(db, accountId, boundsUs);
    },

    async summary(account: OpenedAccount, given: ReadonlyMap<string, Quote>): Promise<Summary> {
      const known = new Map([...(await marketQuotes(now())), ...given]);
      const contents = await findContents(db, account, lastClose(known));
      return withinRange(async () => summaryOf(contents, known));
    },

    async history(account: OpenedAccount, period: Period): Promise<History> {
      const at = now();
      const { from, to, stepUs, timeframe, fromOpening } = spanOf(period, at, account.openedAtUs);
      const query = { accountId: account.id, timeframe, fromUs: from, toUs: to, limit: MAX_POINTS };
      const taken = await listSnapshots(db, query);
      const known = fromOpening
        ? [openingOf(account), ...taken.filter(({ atUs }) => atUs > account.openedAtUs)]
        : taken;
      const snapshots = [...known, await currently(account, at)];
      return { points: history(pointsOf(snapshots)), basePaidIn: paidIn(snapshots[0]), stepUs };
    },
  };

  /** A history ends now, not at the last snapshot. */
  async function currently(account: OpenedAccount, at: bigint): Promise<Snapshot> {
    const [contents, market] = await Promise.all([findContents(db, account, 0n), marketQuotes(at)]);
    const { brought, taken } = contents;
    const { equity } = await withinRange(async () => summaryOf(contents, market));
    return { atUs: at, equity, brought, taken };
  }

  async function marketQuotes(at: bigint): Promise<Map<string, Quote>> {
    const known = await quotes();
    return new Map(
      [...known].map(([symbol, { validUntilUs, ...quote }]) => [symbol, { ...quote, stale: validUntilUs < at }]),
    );
  }
}

function summaryOf({ cash: posted, positions, ...flows }: Contents, quotes: ReadonlyMap<string, Quote>): Summary {
  const cash = toMicros(posted);
  let [marketValue, costBasis, gained, dayChange, dayChangeOfGone] = [ZERO, ZERO, ZERO, ZERO, ZERO];
  const unquoted: string[] = [];
  const stale: string[] = [];
  for (const { symbol, position, split, day } of positions) {
    gained = add(gained, realised(position));
    const quote = asHeld(quotes.get(symbol), split);
    if (position.qty === 0n) {
      dayChangeOfGone = add(dayChangeOfGone, dayGain(ZERO, day, closeOf(quote)) ?? ZERO);
      continue;
    }
    if (quote === undefined) unquoted.push(symbol);
    if (quote?.stale === true) stale.push(symbol);
    const worth = valued(position, quote?.price).marketValue;
    marketValue = add(marketValue, worth);
    costBasis = add(costBasis, position.cost);
    if (quote !== undefined) dayChange = add(dayChange, dayGain(worth, day, closeOf(quote)) ?? ZERO);
  }
  return {
    cash,
    marketValue,
    equity: add(cash, marketValue),
    costBasis,
    unrealised: subtract(marketValue, costBasis),
    realised: gained,
    dayChange: add(dayChange, dayChangeOfGone),
    dayChangeOfGone,
    netPaidIn: paidIn(flows),
    unquoted: unquoted.toSorted(),
    stale: stale.toSorted(),
  };
}

const paidIn = (flows: Pick<Contents, 'brought' | 'taken'> | undefined): Micros =>
  flows === undefined ? ZERO : toMicros(flows.brought - flows.taken);

/** The newest that anybody speaks of: a price of an earlier one says nothing about the day. */
function lastClose(quotes: ReadonlyMap<string, Pick<Quote, 'previousCloseAtUs'>>): bigint {
  let newest = 0n;
  for (const { previousCloseAtUs = 0n } of quotes.values()) if (previousCloseAtUs > newest) newest = previousCloseAtUs;
  return newest;
}

function closeOf(quote: Quote | undefined) {
  const { previousClose: price, previousCloseAtUs: atUs } = quote ?? {};
  return price === undefined || atUs === undefined ? undefined : { price, atUs };
}

function asHeld(quote: Quote | undefined, split: SplitUnderWay | undefined): Quote | undefined {
  if (quote?.asOfUs === undefined || split === undefined) return quote;
  const { price, previousClose, asOfUs } = quote;
  return {
    ...quote,
    price: priceAsHeld(price, asOfUs, split),
    previousClose: previousClose === undefined ? undefined : priceAsHeld(previousClose, asOfUs, split),
  };
}

/** There was nothing at first: what the first day earned belongs to the history too. */
function openingOf({ openedAtUs }: OpenedAccount): Snapshot {
  return { atUs: openedAtUs, equity: 0n, brought: 0n, taken: 0n };
}

/** What was brought and taken since the point before. */
function pointsOf(snapshots: readonly Snapshot[]): EquityPoint[] {
  return snapshots.map(({ atUs, equity, brought, taken }, index) => {
    const before = snapshots[index - 1] ?? { brought: 0n, taken: 0n };
    return {
      at: atUs,
      equity: toMicros(equity),
      deposits: toMicros(brought - before.brought),
      withdrawals: toMicros(taken - before.taken),
    };
  });
}
