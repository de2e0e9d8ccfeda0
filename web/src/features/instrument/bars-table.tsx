import { useSyncExternalStore } from 'react';
import { sideWords } from '../../text/orders.ts';
import { ChartTable } from '../../ui/chart-table.tsx';
import { compact, price, quantity } from '../../ui/number.ts';
import { dayAndTime } from '../../ui/time.ts';
import type { Bar, BarFeed } from './bar-feed.ts';
import styles from './bars-table.module.css';
import { marksOf, type OwnFill } from './own-fills.ts';

const MOST = 120;

/** What the chart draws, as numbers, exact: the newest first. */
export function BarsTable({
  symbol,
  tick,
  feed,
  fills,
}: {
  symbol: string;
  tick: string;
  feed: BarFeed;
  fills: readonly OwnFill[];
}) {
  const bars = useSyncExternalStore(feed.subscribe, () => feed.bars);
  const marks = Map.groupBy(marksOf(fills, bars), ({ time }) => time);
  return (
    <ChartTable label={`Bars of ${symbol}`} heads={heads} frame={styles.scroll}>
      {bars
        .slice(-MOST)
        .toReversed()
        .map((bar) => (
          <tr key={bar.time}>
            <th scope="row">{dayAndTime(new Date(bar.time * 1000).toISOString())}</th>
            {prices.map((name) => (
              <td key={name}>{price(bar[name], tick)}</td>
            ))}
            <td>{compact(bar.volume)}</td>
            <td>
              {(marks.get(bar.time) ?? [])
                .map(({ side, quantity: size }) => `${sideWords[side]} ${quantity(size)}`)
                .join(', ')}
            </td>
          </tr>
        ))}
    </ChartTable>
  );
}

const heads = ['Time', 'Open', 'High', 'Low', 'Close', 'Volume', 'Own fills'];
const prices = ['open', 'high', 'low', 'close'] as const satisfies readonly (keyof Bar)[];
