import { randomUUID } from 'node:crypto';
import { closedLoop } from '@andvari/bench/closed-loop';
import { connectDb, transaction } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { AckPolicy, DeliverPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { BenchWorld } from './bench-world.ts';

/**
 * The way of an order as one would write it first: a transaction a step, every publication awaited, every message applied and
 * acknowledged by itself. It reserves, saves, publishes, fills at once and settles; it leaves out the gateway, the calls between
 * services, the engine's book, lots, fees and groups, all of which flatters it.
 */
export class NaivePath {
  readonly #db: Db;
  readonly #world: BenchWorld;
  readonly #waiting = new Map<string, () => void>();

  constructor(db: Db, world: BenchWorld) {
    this.#db = db;
    this.#world = world;
  }

  /** Orders a second, each counted when it is settled. */
  static async measure(world: BenchWorld, limits: { inFlight: number; durationMs: number }): Promise<number> {
    const admin = connectDb(world.postgresUrl, { maxConnections: 1 });
    await admin`create database naive_orders`;
    await admin.end();
    const url = new URL(world.postgresUrl);
    url.pathname = '/naive_orders';
    const db = connectDb(url.href, { maxConnections: 20, statementTimeoutMs: 60_000 });
    try {
      await db.unsafe(schema);
      const path = new NaivePath(db, world);
      await path.#open();
      const { perSecond } = await closedLoop(limits, () => path.#order());
      return perSecond;
    } finally {
      await db.end({ timeout: 1 });
    }
  }

  async #open(): Promise<void> {
    const ids = this.#world.accounts.map(({ id }) => id);
    await this
      .#db`insert into balances (account_id, posted) select id, ${10n ** 15n}::bigint from unnest(${ids}::uuid[]) as id`;
    const { jsm, js } = this.#world.nats;
    await jsm.streams.add({
      name: 'NAIVE',
      subjects: ['naive.>'],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
    });
    for (const step of ['placed', 'filled'] as const) {
      const filter = `naive.${step}`;
      await jsm.consumers.add('NAIVE', {
        durable_name: step,
        filter_subject: filter,
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.Explicit,
      });
      const consumer = await js.consumers.get('NAIVE', step);
      void consumer.consume({
        callback: (message) =>
          void (step === 'placed' ? this.#fill(message.string()) : this.#settle(message.string())).then(() =>
            message.ack(),
          ),
      });
    }
  }

  async #order(): Promise<void> {
    const id = randomUUID();
    const account = this.#world.accounts[Math.floor(Math.random() * this.#world.accounts.length)]?.id ?? '';
    const done = new Promise<void>((resolve) => this.#waiting.set(id, resolve));
    await transaction(this.#db, async (tx) => {
      await tx`select posted - reserved from balances where account_id = ${account} for update`;
      await tx`insert into reservations (order_id, account_id, amount) values (${id}, ${account}, 1000)`;
      await tx`update balances set reserved = reserved + 1000 where account_id = ${account}`;
    });
    await transaction(this.#db, async (tx) => {
      await tx`insert into orders (id, account_id, status) values (${id}, ${account}, 'pending_new')`;
      await tx`insert into events (order_id, kind) values (${id}, 'placed')`;
    });
    await this.#world.nats.js.publish('naive.placed', id);
    await done;
  }

  async #fill(id: string): Promise<void> {
    await this.#world.nats.js.publish('naive.filled', id);
  }

  async #settle(id: string): Promise<void> {
    await transaction(this.#db, async (tx) => {
      await tx`update orders set status = 'filled' where id = ${id}`;
      await tx`insert into events (order_id, kind) values (${id}, 'fill')`;
    });
    await transaction(this.#db, async (tx) => {
      const [held] = await tx<{ account_id: string }[]>`
        delete from reservations where order_id = ${id} returning account_id`;
      await tx`
        update balances set posted = posted - 1000, reserved = reserved - 1000 where account_id = ${held?.account_id ?? null}`;
      await tx`insert into entries (order_id, amount) values (${id}, -1000), (${id}, 1000)`;
    });
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}

const schema = `
  create table balances (account_id uuid primary key, posted bigint not null, reserved bigint not null default 0);
  create table reservations (order_id uuid primary key, account_id uuid not null, amount bigint not null);
  create table orders (id uuid primary key, account_id uuid not null, status text not null, placed_at timestamptz not null default now());
  create table events (id bigint generated always as identity primary key, order_id uuid not null, kind text not null);
  create index on events (order_id);
  create table entries (id bigint generated always as identity primary key, order_id uuid not null, amount bigint not null);
`;
