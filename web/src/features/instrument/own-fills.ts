import type { OwnFillsQuery } from '../../api/generated/graphql.ts';
import { plus } from '../../ui/number.ts';
import type { Bar } from './bar-feed.ts';

export type OwnFill = NonNullable<NonNullable<OwnFillsQuery['account']>['executions']>['nodes'][number];

/** What one bought, or sold, within one bar. */
export interface FillMark {
  time: number;
  side: 'BUY' | 'SELL';
  quantity: string;
}

/** Fills in the bars in which they were; what was before the first bar is not on the picture. Bars and marks in order of time. */
export function marksOf(fills: readonly OwnFill[], bars: readonly Bar[]): FillMark[] {
  const marks = new Map<string, FillMark>();
  for (const { executedAt, side, quantity } of fills) {
    const at = Date.parse(executedAt) / 1000;
    const bar = bars.findLast(({ time }) => time <= at);
    if (bar === undefined || side === 'UNKNOWN') continue;
    const key = `${bar.time}${side}`;
    const before = marks.get(key);
    marks.set(key, {
      time: bar.time,
      side,
      quantity: before === undefined ? quantity : plus(before.quantity, quantity),
    });
  }
  return [...marks.values()].toSorted((one, other) => one.time - other.time);
}
