import { nowUs } from '@andvari/kit/base/clock';
import type { Book, BookLevel } from '@andvari/proto/engine/v1/engine';
import { type DepthLevel, findDepth } from '../domain/queries.ts';
import type { EngineState } from '../domain/state.ts';
import { sessionTo } from './codes.ts';

/** A book as it is now, for whoever asks and for live views. */
export function bookTo(
  { state, read }: { state: EngineState; read: number },
  symbol: string,
  depth: number,
): Book | undefined {
  const found = findDepth(state, symbol, depth);
  if (found === undefined) return undefined;
  return {
    symbol,
    bids: found.bids.map(levelTo),
    asks: found.asks.map(levelTo),
    lastPx: BigInt(found.lastTrade),
    session: sessionTo[found.phase],
    halted: found.halted,
    commandSeq: BigInt(read),
    asOfUs: nowUs(),
  };
}

function levelTo({ price, qty, orders }: DepthLevel): BookLevel {
  return { px: BigInt(price), qty: BigInt(qty), orders };
}
