import { memo } from 'react';
import { useWatch } from '../../live/live-quote.tsx';
import { type Book, bookTopic, type Trade, tapeTopic } from '../../live/market-feed.ts';
import { marketLinkTopic } from '../../live/market-link.ts';
import { useTopic, useTopicPart } from '../../live/use-topic.ts';
import { run } from '../../ui/commands.ts';
import { barWidth, minus, price, quantity, sumOf } from '../../ui/number.ts';
import { clockTime } from '../../ui/time.ts';
import styles from './ladder.module.css';

const LEVELS = 8;
type Level = Book['bids'][number];

/** Eight prices a side around a fixed centre. A click fills the ticket; it never sends. */
export function Ladder({ symbol, tick, own }: { symbol: string; tick: string; own: ReadonlySet<string> }) {
  useWatch('book', [symbol]);
  const book = useTopic(bookTopic(symbol));
  const link = useTopicPart(marketLinkTopic, (known) => known?.state);
  const asks = filled(book?.asks);
  const bids = filled(book?.bids);
  const largest = largestOf([...asks, ...bids]);
  const spread = asks[0] !== undefined && bids[0] !== undefined ? minus(asks[0].price, bids[0].price) : undefined;
  const row = (level: Level | undefined, at: number, side: 'ask' | 'bid') => (
    <Row
      key={`${side}${at}`}
      side={side}
      tick={tick}
      level={level}
      share={level === undefined ? 0 : barWidth(level.quantity, largest)}
      isOwn={level !== undefined && own.has(level.price)}
    />
  );
  return (
    <section className={styles.ladder} aria-label="Depth" data-live>
      <header className={styles.head}>
        <h2>Depth</h2>
        <span>size · price · orders</span>
      </header>
      <ol reversed>
        {sides(asks)
          .toReversed()
          .map(([level, at]) => row(level, at, 'ask'))}
      </ol>
      <p className={styles.spread}>
        <span>Spread {spread === undefined ? '–' : price(spread, tick)}</span>
        <span>{book?.halted === true ? 'halted' : (link ?? '–')}</span>
      </p>
      <ol>{sides(bids).map(([level, at]) => row(level, at, 'bid'))}</ol>
    </section>
  );
}

/** One price: drawn anew when it says something else, and not with every book. */
const Row = memo(
  function Row({ side, tick, level, share, isOwn }: RowProps) {
    return (
      <li className={styles.level} data-side={side}>
        <button
          type="button"
          disabled={level === undefined}
          title={level === undefined ? undefined : 'Fills the ticket'}
          onClick={() => {
            if (level !== undefined)
              run({ name: 'ticket.price', price: level.price, side: side === 'ask' ? 'BUY' : 'SELL' });
          }}
        >
          <i style={{ transform: `scaleX(${share})` }} />
          <span>{level === undefined ? '' : quantity(level.quantity)}</span>
          <strong data-live data-own={isOwn || undefined}>
            {level === undefined ? '–' : price(level.price, tick)}
          </strong>
          <span>{level?.orders ?? ''}</span>
        </button>
      </li>
    );
  },
  ({ level: before, ...known }, { level, ...now }) =>
    before?.price === level?.price &&
    before?.quantity === level?.quantity &&
    before?.orders === level?.orders &&
    known.share === now.share &&
    known.isOwn === now.isOwn &&
    known.tick === now.tick,
);

interface RowProps {
  side: 'ask' | 'bid';
  tick: string;
  level: Level | undefined;
  /** Of the largest level, 0 to 1. */
  share: number;
  isOwn: boolean;
}

export function Tape({ symbol, tick }: { symbol: string; tick: string }) {
  useWatch('trades', [symbol]);
  const trades = useTopic(tapeTopic(symbol)) ?? [];
  return (
    <section className={styles.tape} aria-label="Trades">
      <header className={styles.head}>
        <h2>Trades</h2>
      </header>
      {trades.length === 0 ? (
        <p className={styles.none}>None since you are looking.</p>
      ) : (
        <ol>
          {trades.map((trade) => (
            <Printed key={trade.tradeId} trade={trade} tick={tick} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** A trade never changes: it is drawn when it comes. */
const Printed = memo(function Printed({ trade, tick }: { trade: Trade; tick: string }) {
  return (
    <li>
      <span>{quantity(trade.quantity)}</span>
      <strong data-sign={trade.aggressor === 'BUY' ? 'up' : 'down'}>{price(trade.price, tick)}</strong>
      <time dateTime={trade.tradedAt}>{clockTime(trade.tradedAt)}</time>
    </li>
  );
});

const filled = (levels: readonly Level[] | undefined): readonly Level[] => (levels ?? []).slice(0, LEVELS);

/** Always as many rows: the centre does not move when a price goes. */
function sides(levels: readonly Level[]): [Level | undefined, number][] {
  return Array.from({ length: LEVELS }, (_, at) => [levels[at], at]);
}

function largestOf(levels: readonly Level[]): string {
  return levels.reduce((largest, { quantity: size }) => (minus(size, largest).startsWith('-') ? largest : size), '0');
}

/** All that stands within the ladder, on one side. */
export const depthOf = (levels: readonly Level[]): string => sumOf(levels.map(({ quantity: size }) => size));
