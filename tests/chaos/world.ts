import { setTimeout as pause } from 'node:timers/promises';
import { mulberry32 } from '@andvari/kit/base/mulberry32';
import type { Db } from '@andvari/kit/db/types';
import { eventually } from '@andvari/kit/testing/eventually';
import { type OwnServer, ownPostgres } from '@andvari/kit/testing/own-servers';
import { expect } from 'vitest';
import { peopleOf } from '../e2e/people.ts';
import { type PriceSource, priceSource } from '../e2e/price-source.ts';
import { type System, startSystem, tradingServices, unlimited } from '../e2e/system.ts';
import { accountOf, micros, traderWithMoney, uuidOf } from '../e2e/traders.ts';
import { Client } from './client.ts';
import { complaintsOf } from './compare.ts';
import { Wires } from './wires.ts';

/** Until everything has come back by itself and all that was under way has come to an end. */
const HEALING_MS = 60_000;
/** So many orders each client gets through after a fault. */
const AFTERWARDS = 3;

/** A whole system that may be broken anywhere, and people who trade in it. */
export interface World {
  system: System;
  postgres: OwnServer;
  wires: Wires;
  clients: readonly Client[];
  random: () => number;
  /** A moment of so many milliseconds at the most. */
  moment: (mostMs: number) => Promise<void>;
  close: () => Promise<void>;
}

export interface WorldOptions {
  clients: number;
  seed: number;
  /** The checkout that the services are of, where it is another than this. */
  root?: string;
}

export async function openWorld({ clients, seed, ...checkout }: WorldOptions): Promise<World> {
  const random = mulberry32(seed);
  const [prices, postgres, wires] = [await priceSource({ AAPL: 200, MSFT: 200 }), await ownPostgres(), new Wires()];
  const system = await startSystem(tradingServices, settings(prices), {
    postgresUrl: postgres.url,
    rewire: wires.rewire,
    ...checkout,
  });
  // Whichever gateway there is at the time.
  const door = `http://127.0.0.1:${await wires.between('people', 'gateway', () => system.portOf('gateway'))}`;
  const people = peopleOf(system);
  const traders = await Promise.all(
    Array.from({ length: clients }, (_, index) => traderWithMoney(people, index % 2 === 0 ? 'AAPL' : 'MSFT')),
  );
  return {
    system,
    postgres,
    wires,
    random,
    clients: traders.map((trader) => new Client({ ...trader, browser: trader.browser.at(door) }, random)),
    moment: (mostMs) => pause(random() * mostMs),
    async close() {
      await system.close();
      wires.close();
      await prices.close();
      await postgres.remove();
    },
  };
}

function settings(prices: PriceSource): Record<string, string> {
  return { ...prices.env, ...unlimited, MARKET_HOURS: 'always' };
}

/** For whoever reads along. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** People trade while it lasts; then all is as they were told, and all parts agree. */
export async function whileTrading(world: World, fault: () => Promise<unknown>): Promise<void> {
  const { clients, system } = world;
  const over = new AbortController();
  const patience = new AbortController();
  const trading = Promise.all(clients.map((client) => client.trade(over.signal, patience.signal)));
  // Whoever fails fails here, not as a rejection that nobody waits for.
  trading.catch(() => over.abort());
  const givingUp = setTimeout(() => patience.abort(), HEALING_MS * 4);
  try {
    await fault();
    const before = clients.map(({ acknowledged }) => acknowledged.size);
    await eventually(
      () => {
        over.signal.throwIfAborted();
        clients.forEach(({ acknowledged }, index) => {
          expect(acknowledged.size, 'orders acknowledged').toBeGreaterThanOrEqual((before[index] ?? 0) + AFTERWARDS);
        });
      },
      { timeoutMs: HEALING_MS },
    ).catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
  } finally {
    over.abort();
    patience.abort();
    clearTimeout(givingUp);
    await trading;
  }
  const orders = system.database('order_db');
  await eventually(() => agrees(world, orders), { timeoutMs: HEALING_MS });
}

async function agrees({ clients, system }: World, orders: Db): Promise<void> {
  const complaints = (await Promise.all(clients.map((client) => complaintsOf(client, orders)))).flat();
  expect(complaints).toEqual([]);
  await Promise.all(clients.map((client) => holdsWhatItBought(client, orders)));
  expect((await system.verify([])).differences).toEqual([]);
}

/** By one's own arithmetic, over the fills that the order service knows of. */
async function holdsWhatItBought({ trader }: Client, orders: Db): Promise<void> {
  const [row] = await orders<{ held: bigint }[]>`
    select coalesce(sum(case side when 'buy' then last_qty else -last_qty end), 0)::bigint as held
    from order_events where kind = 'fill' and account_id = ${uuidOf(trader.account)}`;
  const { holdings } = (await accountOf(trader, 'holdings { nodes { quantity } }')) as {
    holdings: { nodes: { quantity: string }[] };
  };
  expect(holdings.nodes.reduce((sum, { quantity }) => sum + micros(quantity), 0n)).toBe(row?.held);
}
