import { order as compare, understood } from '../../ui/number.ts';
import type { Order } from './rows.ts';

const names = ['quantity', 'limitPrice', 'stopPrice', 'trailAmount', 'trailPercent'] as const;
type Fields = Record<(typeof names)[number], string>;

/** Only what differs in value is sent: 187.20 and 187.2 are the same price. */
export function changeOf(
  order: Pick<Order, keyof Fields>,
  fields: Fields,
): { input: Partial<Fields> } | { wrong: keyof Fields } {
  const input: Partial<Fields> = {};
  for (const name of names) {
    if (order[name] === null) continue;
    const found = understood(fields[name]);
    if (!found.ok) return { wrong: name };
    if (compare(found.value, order[name]) !== 0) input[name] = found.value;
  }
  return { input };
}
