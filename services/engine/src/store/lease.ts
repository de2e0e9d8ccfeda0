import type { Nats } from '@andvari/kit/nats/nats';
import { type KV, Kvm } from '@nats-io/kv';

/** Who leads a partition, and up to which command its reports are known to be stored. */
export interface Lease {
  owner: string;
  stored: number;
  /** The log before this command may have been purged. */
  base: number;
  /** Of the log that it speaks of; absent in what was written before logs had one. */
  epoch?: string | undefined;
  /** Rises with every change: whoever writes names the one it read, so two leaders cannot both succeed. */
  revision: number;
}

export interface Leases {
  read(partition: number): Promise<Lease | undefined>;
  /** Undefined when somebody else was quicker. */
  write(partition: number, lease: Omit<Lease, 'revision'>, revision: number): Promise<number | undefined>;
}

const BUCKET = 'engine-leases';

export async function openLeases(nats: Nats): Promise<Leases> {
  const kv = await new Kvm(nats.js).create(BUCKET, { history: 1, replicas: 1 });
  return {
    read: (partition) => read(kv, keyOf(partition)),
    async write(partition, { owner, stored, base, epoch }, revision) {
      const value = JSON.stringify({ owner, stored, base, epoch });
      try {
        return revision === 0
          ? await kv.create(keyOf(partition), value)
          : await kv.update(keyOf(partition), value, revision, 1000);
      } catch (error) {
        if (isWrongRevision(error)) return undefined;
        throw error;
      }
    },
  };
}

async function read(kv: KV, key: string): Promise<Lease | undefined> {
  const entry = await kv.get(key);
  if (entry === null || entry.operation !== 'PUT') return undefined;
  const { owner, stored, base, epoch } = entry.json<Omit<Lease, 'revision'>>();
  return { owner, stored, base, epoch, revision: entry.revision };
}

function keyOf(partition: number): string {
  return `partition.${partition}`;
}

/** JetStream's answer to a write that expected another last sequence. */
const WRONG_LAST_SEQUENCE = 10_071;

function isWrongRevision(error: unknown): boolean {
  return (error as { code?: unknown }).code === WRONG_LAST_SEQUENCE;
}
