import type { Timeframe } from '../../api/generated/graphql.ts';

export interface ChartFrame {
  key: string;
  timeframe: Timeframe;
  seconds: number;
}

export const frames: readonly ChartFrame[] = [
  { key: '1m', timeframe: 'MINUTE', seconds: 60 },
  { key: '5m', timeframe: 'MINUTE_5', seconds: 300 },
  { key: '15m', timeframe: 'MINUTE_15', seconds: 900 },
  { key: '1h', timeframe: 'HOUR', seconds: 3600 },
  { key: '1D', timeframe: 'DAY', seconds: 86_400 },
  { key: '1W', timeframe: 'WEEK', seconds: 604_800 },
  { key: '1M', timeframe: 'MONTH', seconds: 2_592_000 },
];

const MINUTES: ChartFrame = { key: '1m', timeframe: 'MINUTE', seconds: 60 };
export const frameOf = (key: string | undefined): ChartFrame => frames.find((each) => each.key === key) ?? MINUTES;

/** In which bar a moment falls, where bars are of even length; from a week on the server alone knows. */
export function barStart(atSeconds: number, { seconds }: ChartFrame): number {
  return Math.floor(atSeconds / seconds) * seconds;
}
