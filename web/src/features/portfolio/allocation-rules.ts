import { order, plus } from '../../ui/number.ts';

export interface Share {
  name: string;
  value: string;
}

/** By sector, the largest first, cash as one of them. */
export function sharesOf(holdings: readonly { sector: string; value: string }[], cash: string): Share[] {
  const sums = new Map<string, string>();
  for (const { sector, value } of holdings) sums.set(sector, plus(sums.get(sector) ?? '0', value));
  return [...[...sums].map(([name, value]) => ({ name, value })), { name: 'Cash', value: cash }].toSorted(
    (left, right) => order(right.value, left.value),
  );
}
