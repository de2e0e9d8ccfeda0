import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '@andvari/kit/db/types';
import type { Nats } from '@andvari/kit/nats/nats';
import type { RpcClient } from '@andvari/kit/rpc/client';
import type { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import type { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import type { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { checkAtEngine } from './check-engine.ts';
import { checkStream } from './check-stream.ts';
import { compareOrder } from './compare-orders.ts';
import { type Difference, difference, keyOf } from './difference.ts';
import { existingOrders, readExecutions, readHolders, readOrders, readReservations } from './read-orders.ts';

/** Ten million entries take more than ten minutes on a busy machine. */
const MOST_MS = 45 * 60_000;

export const HOUSE_ACCOUNT_ID = '00000000-0000-7000-8000-00000000ac01';

/** Everything that has to agree. */
export interface Parties {
  readonly orders: Db;
  readonly ledger: Db;
  readonly nats: Nats;
  readonly engine: Pick<RpcClient<typeof EngineServiceService>, 'getOrder'>;
  readonly portfolio: Pick<RpcClient<typeof PortfolioServiceService>, 'verify'>;
  readonly security: Pick<RpcClient<typeof SecurityServiceService>, 'verifyAudit'>;
  readonly houseAccountId?: string;
}

export interface Verified {
  readonly differences: readonly Difference[];
  readonly orders: number;
  readonly fills: number;
  /** Messages in the place of fills that are none. */
  readonly unreadable: number;
  readonly entries: bigint;
  readonly auditRows: bigint;
}

/**
 * Nothing leads from an order to its executions: settling does not pay for an index that only this would read, so each page reads the whole table. The
 * larger the pages, the fewer times; and the longer it is between what is read of an order and what is read of its executions.
 */
const PAGE = 20_000;
/** Longer than the sweeper leaves a reservation without an order. */
const ORPHAN_AFTER_MS = 120_000;
/** While people trade, one party always knows of something a moment before the other: only what stays is a difference. */
const LOOK_AGAIN_MS = [500, 1500, 4000];

/** The order service against the ledger, the engine and its stream; the ledger against itself; the audit trail. */
export async function verifySystem(
  parties: Parties,
  lookAgainMs: readonly number[] = LOOK_AGAIN_MS,
): Promise<Verified> {
  let verified = await verifyOnce(parties);
  for (const waitMs of lookAgainMs) {
    if (verified.differences.length === 0) break;
    await pause(waitMs);
    const again = await verifyOnce(parties);
    const stays = new Set(verified.differences.map(keyOf));
    verified = { ...again, differences: again.differences.filter((one) => stays.has(keyOf(one))) };
  }
  return verified;
}

async function verifyOnce(parties: Parties): Promise<Verified> {
  const { houseAccountId = HOUSE_ACCOUNT_ID } = parties;
  const [placed, stream, ledger, audit] = await Promise.all([
    checkOrders(parties),
    checkStream(parties, houseAccountId),
    checkLedger(parties),
    checkAudit(parties),
  ]);
  const orphans = await findOrphans(parties);
  return {
    differences: [placed, stream, ledger, audit].flatMap(({ differences }) => differences).concat(orphans),
    orders: placed.orders,
    fills: stream.fills,
    unreadable: stream.unreadable,
    entries: ledger.entries,
    auditRows: audit.rows,
  };
}

async function checkOrders({ orders, ledger, engine }: Parties) {
  const differences: Difference[] = [];
  let count = 0;
  for await (const page of readOrders(orders, PAGE)) {
    count += page.length;
    const ids = page.map(({ id }) => id);
    const [reservations, executions] = await Promise.all([readReservations(ledger, ids), readExecutions(ledger, ids)]);
    for (const order of page) {
      differences.push(...compareOrder(order, reservations.get(order.id), executions.get(order.id) ?? []));
    }
    differences.push(...(await checkAtEngine(engine, page)));
  }
  return { differences, orders: count };
}

/** Money or shares held for an order that nobody knows. */
async function findOrphans({ orders, ledger }: Parties): Promise<Difference[]> {
  const differences: Difference[] = [];
  for await (const ids of readHolders(ledger, PAGE, ORPHAN_AFTER_MS)) {
    const known = await existingOrders(orders, ids);
    for (const id of ids) {
      if (!known.has(id))
        differences.push(difference('reservation_without_order', `order/${id}`, 'an order', 'nothing'));
    }
  }
  return differences;
}

async function checkLedger({ portfolio }: Parties) {
  const differences: Difference[] = [];
  let entries = 0n;
  for await (const { kind } of portfolio.verify({}, { timeoutMs: MOST_MS })) {
    if (kind?.$case === 'summary') entries = kind.value.entriesChecked;
    if (kind?.$case !== 'finding') continue;
    const { check, entity, asset, expected, actual } = kind.value;
    differences.push(difference(check, asset === '' ? entity : `${entity} ${asset}`, expected, actual));
  }
  return { differences, entries };
}

async function checkAudit({ security }: Parties) {
  const { intact, checked, firstBadSequence, problem } = await security.verifyAudit(
    { fromSequence: 0n, limit: 0n },
    { timeoutMs: MOST_MS },
  );
  const differences = intact ? [] : [difference('audit_trail_broken', `audit/${firstBadSequence}`, 'intact', problem)];
  return { differences, rows: checked };
}
