import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback } from 'react';
import { loadedAtLast } from '../../api/when-loaded.ts';
import { Button } from '../../ui/button.tsx';
import { useCommands } from '../../ui/commands.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { setTaste, useTaste } from '../../ui/taste.ts';
import { BarsTable } from './bars-table.tsx';
import styles from './instrument.module.css';
import type { OwnFill } from './own-fills.ts';
import type { OwnOrder } from './own-lines.ts';
import type { TicketInstrument } from './ticket-rules.ts';
import { frameOf, frames } from './timeframes.ts';
import { useBars } from './use-bars.ts';

const Chart = lazy(async () => ({ default: (await loadedAtLast(() => import('./chart.tsx'))).Chart }));

/** Candles, or the same as a table. What cannot be read is said, tried again by itself, and on request. */
export function ChartPanel({
  instrument,
  orders,
  fills,
}: {
  instrument: TicketInstrument & { currency: string };
  orders: readonly OwnOrder[];
  fills: readonly OwnFill[];
}) {
  const { symbol, tick } = instrument;
  const { tf } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { timeframe, chartAs } = useTaste();
  const frame = frameOf(tf ?? timeframe);
  const { feed, state } = useBars(symbol, frame);
  const isTable = chartAs === 'table';
  const pick = useCallback(
    (key: string) => {
      setTaste({ timeframe: key });
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, tf: key }),
        replace: true,
      } as never);
    },
    [navigate],
  );
  useCommands((command) => {
    const next = command.name === 'chart.timeframe' ? frames[command.index] : undefined;
    if (next === undefined) return false;
    pick(next.key);
    return true;
  });
  return (
    <section className={styles.chart} aria-label={`Chart of ${symbol}`}>
      <div className={styles.frames}>
        <Segmented
          label="Timeframe"
          options={frames.map(({ key }) => [key, key] as const)}
          value={frame.key}
          onPick={pick}
        />
        <Button
          kind="quiet"
          aria-pressed={isTable}
          onClick={() => setTaste({ chartAs: isTable ? 'candles' : 'table' })}
        >
          Table
        </Button>
      </div>
      {isTable ? (
        <BarsTable symbol={symbol} tick={tick} feed={feed} fills={fills} />
      ) : (
        <Suspense>
          <Chart key={symbol} instrument={instrument} feed={feed} orders={orders} fills={fills} />
        </Suspense>
      )}
      {state === 'empty' && <p className={styles.chartNote}>No bars yet.</p>}
      {state === 'failed' && (
        <div className={styles.chartNote} role="alert">
          <p>
            <strong>The bars could not be read.</strong> They are asked for again until they are.
          </p>
          <Button onClick={feed.readNewest}>Try again</Button>
        </div>
      )}
    </section>
  );
}
