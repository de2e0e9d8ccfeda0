import { setTimeout as pause } from 'node:timers/promises';
import type { BenchWorld } from './bench-world.ts';
import { driveClosed, settled, type Trade, type watchTrades } from './drive.ts';
import { takenPerOrder, takenSoFar } from './what-it-takes.ts';

/** So many in flight, until the ledger has the last of them; what was taken by then, and how long the last ones took. */
export async function measured(
  world: BenchWorld,
  trades: ReturnType<typeof watchTrades>,
  limits: { inFlight: number; durationMs: number },
) {
  const before = await takenSoFar(world);
  const driven = await driveClosed(world, trades, limits);
  const endedAt = performance.now();
  // What is asked of the database here is not part of what is measured.
  while (trades.unsettled() > 0 && performance.now() - endedAt < 60_000) await pause(20);
  const tail = performance.now() - endedAt;
  const taken = takenPerOrder(before, await takenSoFar(world), driven.placed);
  await settled(world, trades);
  return { driven, tail, taken };
}

/** Orders that were answered and are not there, fills that were told twice, and what the ledger itself finds wrong. */
export async function faultsOf(
  world: BenchWorld,
  trades: { known: ReadonlyMap<string, Trade> },
  verifyWithinMs = 60_000,
) {
  const accounts = world.accounts.map(({ id }) => id);
  const rows = await world.orders<{ id: string }[]>`select id from orders where account_id = any (${accounts}::uuid[])`;
  const there = new Set(rows.map(({ id }) => id));
  const lost = [...trades.known.keys()].filter((id) => !there.has(id)).length;
  const [twice] = await world.orders<{ n: number }[]>`
    select count(*)::int as n from (
      select from order_events where kind = 'fill' and account_id = any (${accounts}::uuid[]) group by exec_id having count(*) > 1
    ) as found`;
  const [unexpected] = await world.orders<{ n: number }[]>`select count(*)::int as n from unexpected_reports`;
  let drift = 0;
  for await (const { kind } of world.portfolio.verify({}, { timeoutMs: verifyWithinMs })) {
    if (kind?.$case === 'summary') drift = Number(kind.value.findings);
    if (kind?.$case === 'finding') console.error('the ledger differs:', kind.value);
  }
  return { lost, doubled: twice?.n ?? 0, drift, unexpected_reports: unexpected?.n ?? 0 };
}
