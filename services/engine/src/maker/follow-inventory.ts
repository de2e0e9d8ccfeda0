import { setTimeout as pause } from 'node:timers/promises';
import { accountPartitionOf, partitionOf } from '@andvari/kit/events/partition';
import { subjectFilter } from '@andvari/kit/events/subject-filter';
import { followStream } from '@andvari/kit/nats/follow-stream';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';
import { Side } from '@andvari/proto/engine/v1/commands';
import { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { executionReport, splitApplied } from '@andvari/proto/events';
import { SplitApplied } from '@andvari/proto/portfolio/v1/events';
import type { RunningPartition } from '../partition/run-partition.ts';
import type { Inventories, Inventory } from '../store/inventories.ts';

const KEEP_EVERY_MS = 1000;
const AGAIN_MS = 500;

export interface InventoryOptions {
  nats: Nats;
  running: RunningPartition;
  partitions: number;
  inventories: Inventories;
  house: { accountId: string };
  onChange: () => void;
}

export interface HouseInventory {
  known(): boolean;
  of(symbol: string): number;
}

/**
 * What the house holds: its own fills, and what the ledger counted to it or from it at splits, each remembered up to a place in its stream
 * and every one after it. Both are signed changes, so it makes no difference which of the two is heard first.
 */
export function followInventory(scope: Scope, options: InventoryOptions): HouseInventory {
  const { nats, running, partitions, house } = options;
  const { number } = running.partition;
  let inventory: Inventory | undefined;

  const reading = (async () => {
    const remembered = await readRemembered(scope, options);
    if (remembered === undefined) return;
    inventory = remembered;
    options.onChange();
    const { holdings, sequence, splitSequence } = remembered;
    const change = (symbol: string, by: bigint): void => {
      holdings[symbol] = (holdings[symbol] ?? 0) + Number(by);
      options.onChange();
    };
    const filled = subjectFilter(executionReport, {
      account_partition: accountPartitionOf(house.accountId),
      account_id: house.accountId,
      type: 'fill',
    });
    const split = subjectFilter(splitApplied, { account_id: house.accountId });
    await Promise.all([
      followStream(scope, nats, { stream: 'EXECUTIONS', subject: filled, since: sequence }, (message) => {
        const { symbol, side, lastQty, execId } = ExecutionReport.decode(message.payload);
        remembered.sequence = message.sequence;
        // Of the reports of all partitions, those of this one.
        if (execId.startsWith(`${number}-`)) change(symbol, side === Side.SIDE_BUY ? lastQty : -lastQty);
      }),
      followStream(scope, nats, { stream: 'PORTFOLIO', subject: split, since: splitSequence }, (message) => {
        const applied = SplitApplied.decode(message.payload);
        remembered.splitSequence = message.sequence;
        if (partitionOf(applied.symbol, partitions) === number) change(applied.symbol, applied.change);
      }),
    ]);
  })();
  const keeping = keepInventory(scope, options, () => inventory);
  scope.defer('house inventory', async () => {
    clearInterval(keeping);
    await reading;
  });
  return { known: () => inventory !== undefined, of: (symbol) => inventory?.holdings[symbol] ?? 0 };
}

/** Undefined where the process ends before it is known. */
async function readRemembered(
  scope: Scope,
  { nats, running, inventories }: InventoryOptions,
): Promise<Inventory | undefined> {
  while (!scope.signal.aborted) {
    try {
      await nats.connected(scope.signal);
      return await inventories.read(running.partition.number);
    } catch (error) {
      if (scope.signal.aborted) return undefined;
      scope.log.warn({ event: 'house_inventory_read_again', err: error }, 'reading the house’s inventory again');
    }
    await pause(AGAIN_MS, undefined, { signal: scope.signal }).catch(() => undefined);
  }
  return undefined;
}

function keepInventory(
  scope: Scope,
  { nats, running, inventories }: InventoryOptions,
  inventory: () => Inventory | undefined,
): NodeJS.Timeout {
  let kept = '';
  return setInterval(() => {
    const now = inventory();
    if (now === undefined || !running.leadership.isLeader() || nats.session().aborted) return;
    const places = `${now.sequence} ${now.splitSequence}`;
    if (places === kept) return;
    inventories.write(running.partition.number, now).then(
      () => {
        kept = places;
      },
      (error: unknown) =>
        scope.log.warn({ event: 'house_inventory_not_kept', err: error }, 'the house’s inventory could not be kept'),
    );
  }, KEEP_EVERY_MS);
}
