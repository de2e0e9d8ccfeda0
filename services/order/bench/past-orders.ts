import { fillInBulk } from '@andvari/bench/bulk-fill';
import type { Db } from '@andvari/kit/db/types';

const ACCOUNTS = 50_000;
const SYMBOLS = 30;

/** So many orders that were filled within the last year, each with the two reports that it had. */
export async function fillOrders(db: Db, count: number): Promise<void> {
  await fillInBulk(db, ['orders', 'order_events'], statements(count));
}

function statements(count: number): string[] {
  return [
    `create temp table past on commit drop as
      select gen_random_uuid() as id, ('01900000-0000-7000-8000-' || lpad(to_hex(n % ${ACCOUNTS}), 12, '0'))::uuid as account_id,
          'past-' || n as client_order_id, 'S' || n % ${SYMBOLS} as symbol, case when n % 3 = 0 then 'sell' else 'buy' end as side,
          (1 + n % 40) * 1000000 as qty, (10 + n % 90) * 1000000 as price,
          (extract(epoch from now()) * 1000000)::bigint - 31536000000000 + n * (31536000000000 / ${count}) as at
        from generate_series(1::bigint, ${count}) n`,
    `insert into orders (id, account_id, user_id, client_order_id, symbol, side, type, time_in_force, asked_qty, limit_px, reserved,
        reserved_asset, placed_at_us, status, qty, cum_qty, avg_px, updated_at_us, acknowledged_at_us, finished_at_us, version)
      select id, account_id, account_id, client_order_id, symbol, side, 'limit', 'day', qty, price, qty / 1000000 * price,
          'USD', at, 'filled', qty, qty, price, at + 3000, at + 1000, at + 3000, 3
        from past`,
    `insert into order_events (order_id, account_id, symbol, side, kind, status, last_qty, last_px, cum_qty, leaves_qty, liquidity, trade_id, exec_id,
        occurred_at_us)
      select id, account_id, symbol, side, kind, status, last_qty, last_qty / greatest(last_qty, 1) * price, last_qty, qty - last_qty, liquidity,
          case kind when 'fill' then 'past-' || client_order_id else '' end, client_order_id || '-' || kind, at + after
        from past, lateral (values ('new', 'new', 0, null, 1000), ('fill', 'filled', qty, 'taker', 3000)) as told (kind, status, last_qty, liquidity, after)
        order by at, after`,
  ];
}
