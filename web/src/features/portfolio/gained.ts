import { minus } from '../../ui/number.ts';

/**
 * Since the base of a history: what there is now less what was paid in, against the same then. The standing is the one that the page
 * shows as equity, so that the two are of one moment, whenever the history was read.
 */
export function gainedSince(
  base: { baseValue: string; baseNetPaidIn: string },
  now: { equity: string; netPaidIn: string } | undefined,
): string | undefined {
  if (now === undefined) return undefined;
  return minus(minus(now.equity, now.netPaidIn), minus(base.baseValue, base.baseNetPaidIn));
}
