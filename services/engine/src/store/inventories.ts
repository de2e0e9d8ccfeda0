import type { Nats } from '@andvari/kit/nats/nats';
import { Kvm } from '@nats-io/kv';

/** What the house holds of each symbol, all its fills up to one place in the report stream counted, and all splits up to one in the ledger's. */
export interface Inventory {
  sequence: number;
  splitSequence: number;
  holdings: Record<string, number>;
}

export interface Inventories {
  read(partition: number): Promise<Inventory>;
  write(partition: number, inventory: Inventory): Promise<void>;
}

export async function openInventories(nats: Nats): Promise<Inventories> {
  const kv = await new Kvm(nats.js).create('engine-inventories', { history: 1, replicas: 1 });
  return {
    async read(partition) {
      const entry = await kv.get(`partition.${partition}`);
      const kept = entry === null || entry.operation !== 'PUT' ? {} : entry.json<Partial<Inventory>>();
      return { sequence: 0, splitSequence: 0, holdings: {}, ...kept };
    },
    async write(partition, inventory) {
      await kv.put(`partition.${partition}`, JSON.stringify(inventory));
    },
  };
}
