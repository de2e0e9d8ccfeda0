import type { InstrumentViewQuery } from '../../api/generated/graphql.ts';
import { LiveQuote } from '../../live/live-quote.tsx';
import { type Quote, quoteTopic } from '../../live/market-feed.ts';
import { arrow, compact, price, signedPercent, signedPrice, signOf } from '../../ui/number.ts';
import styles from './instrument.module.css';
import { SessionMark } from './session-mark.tsx';

type Instrument = NonNullable<InstrumentViewQuery['instrument']>;

export function QuoteHeader({ instrument }: { instrument: Instrument }) {
  const { symbol, tick } = instrument;
  const change = ({ change: moved, changeRatio }: Quote): string =>
    `${arrow[signOf(moved)]} ${signedPrice(moved)} (${signedPercent(changeRatio)})`;
  const figures: [string, (quote: Quote) => string][] = [
    ['Bid', (quote) => price(quote.bid, tick)],
    ['Ask', (quote) => price(quote.ask, tick)],
    ['Open', (quote) => price(quote.open, tick)],
    ['High', (quote) => price(quote.high, tick)],
    ['Low', (quote) => price(quote.low, tick)],
    ['Volume', (quote) => compact(quote.volume)],
  ];
  return (
    <>
      {instrument.halted && (
        <p className={styles.halt} role="alert">
          Halted{instrument.haltReason === null ? '' : `: ${instrument.haltReason}`}
        </p>
      )}
      <header className={styles.header}>
        <div className={styles.name}>
          <div className={styles.title}>
            <h1>{symbol}</h1>
            <SessionMark symbol={symbol} halted={instrument.halted} />
          </div>
          <p>
            {instrument.name} · {instrument.exchange} · {instrument.currency}
          </p>
        </div>
        <div className={styles.last}>
          <LiveQuote symbol={symbol} read={(quote) => price(quote.last, tick)} />
          <LiveQuote symbol={symbol} read={change} sign={(quote) => quote.change} className={styles.change} />
        </div>
        <dl className={styles.figures}>
          {figures.map(([label, read]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <LiveQuote symbol={symbol} read={read} />
              </dd>
            </div>
          ))}
        </dl>
      </header>
    </>
  );
}

/** In the title of the tab, where one looks from elsewhere. */
export const titleOf = (symbol: string): string => {
  const last = quoteTopic(symbol).value?.last;
  return last === undefined ? symbol : `${symbol} ${price(last)}`;
};
