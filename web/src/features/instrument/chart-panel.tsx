import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { useCommands } from '../../ui/commands.ts';
import { Segmented } from '../../ui/segmented.tsx';
import type { OwnOrder } from './chart.tsx';
import styles from './instrument.module.css';
import { frameOf, frames } from './timeframes.ts';

const Chart = lazy(async () => ({ default: (await import('./chart.tsx')).Chart }));

export function ChartPanel({ symbol, tick, orders }: { symbol: string; tick: string; orders: readonly OwnOrder[] }) {
  const { tf } = useSearch({ strict: false });
  const navigate = useNavigate();
  const frame = frameOf(tf);
  const [state, setState] = useState<'loading' | 'ready' | 'empty' | 'failed'>('loading');
  const pick = useCallback(
    (key: string) =>
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({ ...before, tf: key }),
        replace: true,
      } as never),
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
      </div>
      <Suspense>
        <Chart key={symbol} symbol={symbol} tick={tick} frame={frame} orders={orders} onLoaded={setState} />
      </Suspense>
      {state === 'empty' && <p className={styles.chartNote}>No bars yet.</p>}
      {state === 'failed' && (
        <p className={styles.chartNote}>
          The bars could not be read. They are asked for again when the timeframe is changed.
        </p>
      )}
    </section>
  );
}
