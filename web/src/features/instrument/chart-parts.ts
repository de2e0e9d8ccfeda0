import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineStyle,
} from 'lightweight-charts';
import { currentLocale, fromPicture, price } from '../../ui/number.ts';

export interface ChartParts {
  chart: IChartApi;
  candles: ISeriesApi<'Candlestick'>;
  volume: ISeriesApi<'Histogram'>;
  /** Its series may not be touched any more. */
  isGone: boolean;
}

export function partsIn(box: HTMLElement, tick: string): ChartParts {
  const decimals = tick.split('.')[1]?.length ?? 0;
  const chart = createChart(box, {
    autoSize: true,
    layout: {
      attributionLogo: false,
      background: { color: 'transparent' },
      fontFamily: '"Inter Variable", system-ui',
      fontSize: 11,
    },
    timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 6, borderVisible: false },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.14, bottom: 0.2 } },
    crosshair: { mode: 0 },
    localization: {
      locale: currentLocale(),
      priceFormatter: (value: number) => price(fromPicture(value, value < 1 ? 4 : decimals), tick),
    },
  });
  const candles = chart.addSeries(CandlestickSeries, { priceLineStyle: LineStyle.Dotted, borderVisible: true });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
  return { chart, candles, volume, isGone: false };
}
