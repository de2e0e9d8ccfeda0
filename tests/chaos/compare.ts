import type { Db } from '@andvari/kit/db/types';
import { micros, uuidOf } from '../e2e/traders.ts';
import type { Acknowledged, Client } from './client.ts';

interface Row {
  id: string;
  client_order_id: string;
  side: string;
  type: string;
  asked_qty: bigint;
  limit_px: bigint;
  status: string;
  cum_qty: bigint;
  is_waiting: boolean;
}

type Fact = [what: string, told: string | bigint, is: string | bigint];

const ENDED = new Set(['filled', 'canceled', 'replaced', 'expired', 'rejected']);

/**
 * What a client wrote down against the rows of its account, order by order, both ways: nothing acknowledged is missing or
 * another than was said, nothing is there that nobody asked for, and what had ended in their eyes has ended so.
 */
export async function complaintsOf(client: Client, orders: Db): Promise<string[]> {
  const rows = await orders<Row[]>`
    select id, client_order_id, side, type, asked_qty, limit_px, status, cum_qty, awaiting_since_us > 0 as is_waiting
    from orders where account_id = ${uuidOf(client.trader.account)}`;
  const byName = new Map(rows.map((row) => [row.client_order_id, row]));
  return [
    ...(byName.size === rows.length ? [] : ['one name stands for two orders']),
    ...rows.flatMap((row) => unasked(row, client)),
    ...[...client.acknowledged].flatMap(([name, order]) => differences(order, byName.get(name))),
  ];
}

/** A name that was refused may be kept, so that nothing ever comes of it. */
function unasked({ id, client_order_id: name, status, is_waiting: isWaiting }: Row, client: Client): string[] {
  if (isWaiting) return [`${id} still waits for the engine`];
  if (client.acknowledged.has(name)) return [];
  if (client.refused.has(name) && (status === 'fenced' || status === 'rejected')) return [];
  return [
    `${id} (${name}) is ${status}, and its client knows nothing of it: ${client.refused.get(name) ?? 'not asked'}`,
  ];
}

function differences(told: Acknowledged, row: Row | undefined): string[] {
  if (row === undefined) return [`${told.orderId} was acknowledged and is not there`];
  const [status, filled] = [told.status.toLowerCase(), micros(told.filledQuantity)];
  const facts: Fact[] = [
    ['id', told.orderId, row.id],
    ['side', told.side.toLowerCase(), row.side],
    ['type', told.type.toLowerCase(), row.type],
    ['quantity', micros(told.quantity), row.asked_qty],
    ['limit', micros(told.limitPrice ?? '0'), row.limit_px],
    ...(ENDED.has(status)
      ? ([
          ['end', status, row.status],
          ['filled', filled, row.cum_qty],
        ] as Fact[])
      : []),
  ];
  const wrong = facts.filter(([, one, other]) => one !== other);
  if (filled > row.cum_qty) wrong.push(['filled', filled, row.cum_qty]);
  return wrong.map(([what, one, other]) => `${told.orderId}: ${what} was told as ${one} and is ${other}`);
}
