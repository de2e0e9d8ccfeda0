import { liveSubjects } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import { Side } from '@andvari/proto/engine/v1/commands';
import { Book, TradePrint } from '@andvari/proto/engine/v1/engine';
import { bookTo } from '../messages/book.ts';
import { nobodyListens, type Partition, type Trade } from '../partition/partition.ts';

const EVERY_MS = 100;
/** What comes together is told together. */
const GATHER_MS = 2;
const DEPTH = 10;

/**
 * Tells whoever listens how the books stand, at most ten times a second and symbol, and the last trade of each in that
 * time with the quantity of all. Who takes over tells all books that moved while it stood by. Nothing is kept: whoever
 * needs every trade reads the reports.
 */
export function publishLive(scope: Scope, nats: Nats, partition: Partition, isLeader: () => boolean): void {
  let due: NodeJS.Timeout | undefined;
  let toldAt = -EVERY_MS;

  const tell = (): void => {
    due = undefined;
    toldAt = performance.now();
    const { touched, trades } = partition;
    if (isLeader() && !nats.session().aborted) {
      for (const symbol of touched) {
        const book = bookTo(partition, symbol, DEPTH);
        if (book !== undefined) nats.connection.publish(liveSubjects.book(symbol), Book.encode(book).finish());
      }
      for (const trade of conflated(trades)) {
        nats.connection.publish(liveSubjects.trade(trade.symbol), TradePrint.encode(printOf(trade)).finish());
      }
      touched.clear();
    }
    trades.length = 0;
    // Whoever cannot tell now tells as soon as it can.
    if (touched.size > 0) tellSoon();
  };
  const tellSoon = (): void => {
    due ??= setTimeout(tell, Math.max(GATHER_MS, toldAt + EVERY_MS - performance.now()));
  };
  partition.onTouched = tellSoon;
  tellSoon();
  scope.defer('live books', () => {
    partition.onTouched = nobodyListens;
    clearTimeout(due);
  });
}

function conflated(trades: readonly Trade[]): Trade[] {
  const bySymbol = new Map<string, Trade>();
  for (const trade of trades) {
    const before = bySymbol.get(trade.symbol);
    bySymbol.set(trade.symbol, { ...trade, qty: trade.qty + (before?.qty ?? 0) });
  }
  return [...bySymbol.values()];
}

function printOf({ symbol, price, qty, aggressorBuys, tradeId, atUs }: Trade): TradePrint {
  return {
    symbol,
    px: BigInt(price),
    qty: BigInt(qty),
    aggressor: aggressorBuys ? Side.SIDE_BUY : Side.SIDE_SELL,
    tradeId,
    tradedAtUs: BigInt(atUs),
  };
}
