import {
  createSeriesMarkers,
  type IChartApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { drawn, quantity } from '../../ui/number.ts';
import { useTaste } from '../../ui/taste.ts';
import { themeInks } from '../../ui/theme-inks.ts';
import type { Bar, BarChange, BarFeed } from './bar-feed.ts';
import styles from './chart.module.css';
import { type ChartParts, partsIn } from './chart-parts.ts';
import { marksOf, type OwnFill } from './own-fills.ts';
import type { OwnOrder } from './own-lines.ts';
import { OwnLinesLayer } from './own-lines-layer.tsx';
import type { TicketInstrument } from './ticket-rules.ts';

/** Candles with one's own orders as lines and one's fills as marks. A picture has no last digit, so prices are floats here. */
export function Chart({
  instrument,
  feed,
  orders,
  fills,
}: {
  instrument: TicketInstrument & { currency: string };
  feed: BarFeed;
  orders: readonly OwnOrder[];
  fills: readonly OwnFill[];
}) {
  const box = useRef<HTMLDivElement>(null);
  const [parts, setParts] = useState<ChartParts>();
  const { tick, symbol } = instrument;

  useEffect(() => {
    if (box.current === null) return undefined;
    const made = partsIn(box.current, tick);
    setParts(made);
    return () => {
      setParts(undefined);
      made.isGone = true;
      made.chart.remove();
    };
  }, [tick]);
  useInks(parts);
  useCandles(parts, feed);
  useMarks(parts, feed, fills);

  return (
    <div className={styles.chart}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what scrolls is scrolled by keyboard as well */}
      <div
        ref={box}
        className={styles.box}
        role="group"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it has keys of its own
        tabIndex={0}
        aria-label={`Candles of ${symbol}. Arrows go through time, plus and minus change how much of it is seen`}
        onKeyDown={(event) => parts !== undefined && moveInTime(parts.chart, event)}
      />
      {parts !== undefined && <OwnLinesLayer parts={parts} orders={orders} instrument={instrument} />}
    </div>
  );
}

/** Colours follow the theme, by preference or by the system. */
function useInks(parts: ChartParts | undefined): void {
  const taste = useTaste();
  useEffect(() => {
    if (parts === undefined) return undefined;
    const paint = (): void => {
      const ink = themeInks();
      parts.chart.applyOptions({
        layout: { textColor: ink('--ink-3') },
        grid: { vertLines: { color: ink('--hairline') }, horzLines: { color: ink('--hairline') } },
      });
      parts.candles.applyOptions({
        upColor: ink('--up'),
        wickUpColor: ink('--up'),
        borderUpColor: ink('--up'),
        // Hollow: what fell is read without its colour.
        downColor: ink('--paper-1'),
        wickDownColor: ink('--down'),
        borderDownColor: ink('--down'),
        priceLineColor: ink('--accent'),
      });
    };
    paint();
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    return () => scheme.removeEventListener('change', paint);
  }, [parts, taste]);
}

const SEEN_AT_FIRST = 110;
const SEEN_AFTER = 5;
const EARLY = 20;

function useCandles(parts: ChartParts | undefined, feed: BarFeed): void {
  useEffect(() => {
    if (parts === undefined) return undefined;
    const { chart, candles, volume } = parts;
    const all = (): void => {
      const ink = themeInks();
      candles.setData(feed.bars.map(candleOf));
      volume.setData(feed.bars.map((bar) => volumeOf(bar, ink)));
    };
    const show = (change: BarChange | 'state'): void => {
      const last = feed.bars.at(-1);
      if (change === 'state' || last === undefined) return;
      if (change === 'last') return candles.update(candleOf(last));
      all();
      const { length } = feed.bars;
      if (change === 'first')
        chart.timeScale().setVisibleLogicalRange({ from: length - SEEN_AT_FIRST, to: length + SEEN_AFTER });
    };
    // It may have been read before there was a chart.
    show('first');
    const leave = feed.subscribe(show);
    const older = (): void => {
      const range = chart.timeScale().getVisibleLogicalRange();
      if (range !== null && range.from < EARLY) feed.readOlder();
    };
    chart.timeScale().subscribeVisibleLogicalRangeChange(older);
    return () => {
      leave();
      if (!parts.isGone) chart.timeScale().unsubscribeVisibleLogicalRangeChange(older);
    };
  }, [parts, feed]);
}

const timeOf = ({ time }: { time: number }): UTCTimestamp => time as UTCTimestamp;

const candleOf = (bar: Bar) => ({
  time: timeOf(bar),
  open: drawn(bar.open),
  high: drawn(bar.high),
  low: drawn(bar.low),
  close: drawn(bar.close),
});

const volumeOf = (bar: Bar, ink: (name: string) => string) => ({
  time: timeOf(bar),
  value: drawn(bar.volume),
  color: ink(drawn(bar.close) >= drawn(bar.open) ? '--up-soft' : '--down-soft'),
});

function useMarks(parts: ChartParts | undefined, feed: BarFeed, fills: readonly OwnFill[]): void {
  const taste = useTaste();
  useEffect(() => {
    if (parts === undefined) return undefined;
    // Even without a mark in it the layer has the whole chart drawn once more after every tick.
    let layer: ISeriesMarkersPluginApi<Time> | undefined;
    const clear = (): void => {
      if (!parts.isGone) layer?.detach();
      layer = undefined;
    };
    const mark = (change: BarChange | 'state'): void => {
      if (change === 'state' || change === 'last') return;
      const marks = marksOf(fills, feed.bars);
      if (marks.length === 0) return clear();
      const ink = themeInks();
      layer ??= createSeriesMarkers<Time>(parts.candles, []);
      layer.setMarkers(
        marks.map((fill): SeriesMarker<Time> => {
          const isBuy = fill.side === 'BUY';
          return {
            time: timeOf(fill),
            position: isBuy ? 'belowBar' : 'aboveBar',
            shape: isBuy ? 'arrowUp' : 'arrowDown',
            color: ink(isBuy ? '--up' : '--down'),
            text: quantity(fill.quantity),
          };
        }),
      );
    };
    mark('many');
    const leave = feed.subscribe(mark);
    return () => {
      leave();
      clear();
    };
  }, [parts, feed, fills, taste]);
}

const steps: Record<string, number> = { ArrowLeft: -10, ArrowRight: 10, PageUp: -80, PageDown: 80 };
const zooms: Record<string, number> = { '+': 0.8, '=': 0.8, '-': 1.25 };

/** Through time by arrows, more or less of it by plus and minus; End is now. */
function moveInTime(chart: IChartApi, event: KeyboardEvent): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const scale = chart.timeScale();
  const range = scale.getVisibleLogicalRange();
  const [step, zoom] = [steps[event.key], zooms[event.key]];
  if (range === null) return;
  if (step !== undefined) scale.setVisibleLogicalRange({ from: range.from + step, to: range.to + step });
  else if (zoom !== undefined)
    scale.setVisibleLogicalRange({ from: range.to - (range.to - range.from) * zoom, to: range.to });
  else if (event.key === 'End') scale.scrollToRealTime();
  else return;
  event.preventDefault();
}
