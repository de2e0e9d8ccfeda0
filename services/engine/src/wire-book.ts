import { nowUs } from '@andvari/kit/clock';
import type { Book, BookLevel } from '@andvari/proto/engine/v1/engine';
import { type DepthLevel, findDepth } from './domain/queries.ts';
import type { Partition } from './partition.ts';
import { sessionTo } from './wire-codes.ts';

/** A book as it is now, for whoever asks and for live views. */
export function bookTo(partition: Partition, symbol: string, depth: number): Book | undefined {
  const found = findDepth(partition.state, symbol, depth);
  if (found === undefined) return undefined;
  return {
    symbol,
    bids: found.bids.map(levelTo),
    asks: found.asks.map(levelTo),
    lastPx: BigInt(found.lastTrade),
    session: sessionTo[found.phase],
    halted: found.halted,
    commandSeq: BigInt(partition.read),
    asOfUs: nowUs(),
  };
}

function levelTo({ price, qty, orders }: DepthLevel): BookLevel {
  return { px: BigInt(price), qty: BigInt(qty), orders };
}
