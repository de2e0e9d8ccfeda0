import { AreaSeries, createChart, createSeriesMarkers, LineStyle, type UTCTimestamp } from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { currentLocale, pictureMoney, signedMoney, signOf } from '../../ui/number.ts';
import { useTaste } from '../../ui/taste.ts';
import { themeInks } from '../../ui/theme-inks.ts';

interface Point {
  at: string;
  equity: string;
  cashFlow: string;
}

/** What the account was worth, with the money that came and went marked: a deposit is no gain. */
export function EquityCurve({ points, currency }: { points: readonly Point[]; currency: string }) {
  const box = useRef<HTMLDivElement>(null);
  const taste = useTaste();
  useEffect(() => {
    if (box.current === null) return undefined;
    const ink = themeInks();
    const chart = createChart(box.current, {
      autoSize: true,
      layout: {
        attributionLogo: false,
        background: { color: 'transparent' },
        textColor: ink('--ink-3'),
        fontFamily: '"Inter Variable", system-ui',
        fontSize: 11,
      },
      grid: { vertLines: { visible: false }, horzLines: { color: ink('--hairline') } },
      timeScale: { timeVisible: true, borderVisible: false },
      rightPriceScale: { borderVisible: false, entireTextOnly: true },
      localization: {
        locale: currentLocale(),
        priceFormatter: (value: number) => pictureMoney(value, currency),
      },
    });
    const line = chart.addSeries(AreaSeries, {
      lineColor: ink('--accent'),
      topColor: ink('--accent-soft'),
      // Not transparent: that is black without its weight, and grey half way.
      bottomColor: ink('--paper-1'),
      lineWidth: 2,
      priceLineStyle: LineStyle.Dotted,
    });
    const seconds = (at: string): UTCTimestamp => Math.floor(Date.parse(at) / 1000) as UTCTimestamp;
    const byTime = new Map(points.map((point) => [seconds(point.at), Number(point.equity)]));
    line.setData([...byTime].map(([time, value]) => ({ time, value })));
    createSeriesMarkers(
      line,
      points
        .filter(({ cashFlow }) => signOf(cashFlow) !== 'flat')
        .slice(-20)
        .map(({ at, cashFlow }) => ({
          time: seconds(at),
          position: 'belowBar' as const,
          shape: signOf(cashFlow) === 'up' ? ('arrowUp' as const) : ('arrowDown' as const),
          color: ink('--ink-2'),
          text: taste.hidesAmounts ? '' : signedMoney(cashFlow, currency),
        })),
    );
    chart.timeScale().fitContent();
    return () => chart.remove();
  }, [points, currency, taste]);
  return <div ref={box} style={{ position: 'absolute', inset: 0 }} />;
}
