import type { Nats } from '@andvari/kit/nats/nats';
import type { Log } from '@andvari/kit/observe/log';
import { within } from '@andvari/kit/process/scope';
import { type ObjectStore, Objm } from '@nats-io/obj';
import { restore } from '../domain/snapshot.ts';
import type { EngineState } from '../domain/state.ts';

const BUCKET = 'engine-snapshots';
/** The newest, and those to fall back on when it turns out to be damaged. */
const KEPT = 3;

export interface Snapshots {
  /** The newest that is whole, or undefined when there is none. */
  newest(partition: number): Promise<EngineState | undefined>;
  /** Keeps the bytes, drops the oldest, and answers with the sequence up to which the log is dispensable. */
  keep(partition: number, sequence: number, bytes: Uint8Array): Promise<number>;
}

/** An object whose parts are gone is waited for without end: the store does not notice. */
const READ_TIMEOUT_MS = 30_000;

export async function openSnapshots(nats: Nats, log: Log, readTimeoutMs = READ_TIMEOUT_MS): Promise<Snapshots> {
  const store = await new Objm(nats.js).create(BUCKET, { replicas: 1 });
  return {
    async newest(partition) {
      for (const sequence of await sequencesOf(store, partition)) {
        const restored = await read(store, nameOf(partition, sequence), readTimeoutMs);
        if (restored.ok) return restored.state;
        log.error(
          { event: 'snapshot_damaged', partition, sequence, why: restored.why },
          'a snapshot is damaged; falling back on the one before',
        );
      }
      return undefined;
    },
    async keep(partition, sequence, bytes) {
      await store.putBlob({ name: nameOf(partition, sequence) }, bytes);
      const sequences = await sequencesOf(store, partition);
      for (const old of sequences.slice(KEPT)) await store.delete(nameOf(partition, old));
      const kept = sequences.slice(0, KEPT);
      // With a single snapshot the log itself is what one falls back on.
      return kept.length < 2 ? 0 : (kept.at(-1) ?? 0);
    },
  };
}

async function read(
  store: ObjectStore,
  name: string,
  timeoutMs: number,
): Promise<{ ok: true; state: EngineState } | { ok: false; why: string }> {
  try {
    const bytes = await within(store.getBlob(name), timeoutMs);
    return bytes === null ? { ok: false, why: 'missing' } : restore(bytes);
  } catch (error) {
    // The store's own digest did not fit, or its parts did not come.
    return { ok: false, why: (error as Error).message };
  }
}

/** Newest first. */
async function sequencesOf(store: ObjectStore, partition: number): Promise<number[]> {
  const prefix = `${partition}/`;
  const objects = await store.list();
  return objects
    .filter(({ name, deleted }) => name.startsWith(prefix) && !deleted)
    .map(({ name }) => Number(name.slice(prefix.length)))
    .toSorted((a, b) => b - a);
}

function nameOf(partition: number, sequence: number): string {
  return `${partition}/${sequence}`;
}
