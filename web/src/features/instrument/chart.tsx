import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineStyle,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { useClient } from 'urql';
import type { BarsQuery, OwnOrdersQuery } from '../../api/generated/graphql.ts';
import { quoteTopic } from '../../live/market-feed.ts';
import { currentLocale, price, quantity } from '../../ui/number.ts';
import { useTaste } from '../../ui/taste.ts';
import { themeInks } from '../../ui/theme-inks.ts';
import { Bars } from './documents.ts';
import { barStart, type ChartFrame } from './timeframes.ts';

export type OwnOrder = NonNullable<NonNullable<OwnOrdersQuery['account']>['orders']>['nodes'][number];
interface Bar {
  time: UTCTimestamp;
  open: number;
  high: number;
  low: number;
  close: number;
}

/** The one place besides widths of bars where a price is a float: a picture has no last digit. */
export function Chart({
  symbol,
  tick,
  frame,
  orders,
  onLoaded,
}: {
  symbol: string;
  tick: string;
  frame: ChartFrame;
  orders: readonly OwnOrder[];
  onLoaded: (state: 'ready' | 'empty' | 'failed') => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const parts = useRef<
    { chart: IChartApi; candles: ISeriesApi<'Candlestick'>; volume: ISeriesApi<'Histogram'> } | undefined
  >(undefined);
  const lines = useRef<IPriceLine[]>([]);
  const taste = useTaste();
  const client = useClient();

  useEffect(() => {
    if (box.current === null) return undefined;
    const chart = createChart(box.current, {
      autoSize: true,
      layout: {
        attributionLogo: false,
        background: { color: 'transparent' },
        fontFamily: '"Inter Variable", system-ui',
        fontSize: 11,
      },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 6, borderVisible: false },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.14, bottom: 0.2 } },
      crosshair: { mode: 0 },
      localization: { locale: currentLocale(), priceFormatter: (value: number) => price(value.toFixed(4), tick) },
    });
    const candles = chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted, borderVisible: true });
    const volume = chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      lastValueVisible: false,
      priceLineVisible: false,
    });
    chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    parts.current = { chart, candles, volume };
    return () => {
      parts.current = undefined;
      lines.current = [];
      chart.remove();
    };
  }, [tick]);

  useEffect(() => {
    const paint = (): void => {
      const now = parts.current;
      if (now === undefined) return;
      const ink = themeInks();
      now.chart.applyOptions({
        layout: { textColor: ink('--ink-3') },
        grid: { vertLines: { color: ink('--hairline') }, horzLines: { color: ink('--hairline') } },
      });
      now.candles.applyOptions({
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
  }, [taste, tick]);

  useEffect(() => {
    let isGone = false;
    let bars: Bar[] = [];
    let volumes: { time: UTCTimestamp; value: number; color: string }[] = [];
    let cursor: string | null = null;
    let isLoading = false;
    const load = async (after: string | null): Promise<void> => {
      if (isLoading) return;
      isLoading = true;
      const to = new Date().toISOString();
      const from = new Date(Date.now() - frame.seconds * 1000 * 5000).toISOString();
      const { data } = await client
        .query<BarsQuery>(
          String(Bars),
          { symbol, timeframe: frame.timeframe, from, to, first: after === null ? 400 : 1000, after },
          { requestPolicy: 'network-only' },
        )
        .toPromise();
      isLoading = false;
      const now = parts.current;
      if (isGone || now === undefined) return;
      const page = data?.bars;
      if (page == null) return onLoaded(bars.length === 0 ? 'failed' : 'ready');
      const ink = themeInks();
      const fresh = page.times.map(
        (time, at): Bar => ({
          time: time as UTCTimestamp,
          open: Number(page.open[at]),
          high: Number(page.high[at]),
          low: Number(page.low[at]),
          close: Number(page.close[at]),
        }),
      );
      const freshVolumes = fresh.map(({ time, open, close }, at) => ({
        time,
        value: Number(page.volume[at]),
        color: ink(close >= open ? '--up-soft' : '--down-soft'),
      }));
      const firstKnown = bars[0]?.time ?? Number.POSITIVE_INFINITY;
      bars = [...fresh.filter(({ time }) => time < firstKnown), ...bars];
      volumes = [...freshVolumes.filter(({ time }) => time < firstKnown), ...volumes];
      cursor = page.hasNextPage ? page.endCursor : null;
      now.candles.setData(bars);
      now.volume.setData(volumes);
      if (after === null && bars.length > 0) {
        now.chart.timeScale().setVisibleLogicalRange({ from: bars.length - 110, to: bars.length + 5 });
      }
      onLoaded(bars.length === 0 ? 'empty' : 'ready');
    };
    void load(null);

    const older = (): void => {
      const range = parts.current?.chart.timeScale().getVisibleLogicalRange();
      if (range != null && range.from < 20 && cursor !== null) void load(cursor);
    };
    parts.current?.chart.timeScale().subscribeVisibleLogicalRangeChange(older);

    // From quotes to the bar of now: a new minute begins a bar.
    const topic = quoteTopic(symbol);
    const tickIn = (): void => {
      const last = bars.at(-1);
      const { value } = topic;
      if (value === undefined || last === undefined || parts.current === undefined) return;
      const close = Number(value.last);
      const start = Math.max(last.time, barStart(Date.parse(value.asOf) / 1000, frame)) as UTCTimestamp;
      const bar: Bar =
        start === last.time || frame.seconds > 86_400
          ? { ...last, close, high: Math.max(last.high, close), low: Math.min(last.low, close) }
          : { time: start, open: close, high: close, low: close, close };
      if (bar.time === last.time) bars[bars.length - 1] = bar;
      else bars.push(bar);
      parts.current.candles.update(bar);
    };
    const leave = topic.subscribe(tickIn);
    return () => {
      isGone = true;
      leave();
      parts.current?.chart.timeScale().unsubscribeVisibleLogicalRangeChange(older);
    };
  }, [client, symbol, frame, tick, onLoaded]);

  useEffect(() => {
    const candles = parts.current?.candles;
    if (candles === undefined) return;
    for (const line of lines.current) candles.removePriceLine(line);
    const ink = themeInks();
    lines.current = orders.flatMap((order) => {
      const at = order.limitPrice ?? order.stopPrice;
      if (at === null) return [];
      return candles.createPriceLine({
        price: Number(at),
        color: ink('--accent'),
        lineStyle: order.limitPrice === null ? LineStyle.Dashed : LineStyle.Solid,
        lineWidth: 1,
        axisLabelVisible: true,
        title: `${order.side === 'BUY' ? 'Buy' : 'Sell'} ${quantity(order.remainingQuantity)}`,
      });
    });
  }, [orders, tick, taste]);

  return <div ref={box} style={{ position: 'absolute', inset: 0 }} />;
}
