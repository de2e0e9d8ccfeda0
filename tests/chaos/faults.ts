import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '@andvari/kit/base/config';
import { openNats } from '@andvari/kit/nats/nats';
import { testScope } from '@andvari/kit/testing/test-scope';
import { executionReport, orderPlaced, userErasureStarted } from '@andvari/proto/events';
import { headers as newHeaders } from '@nats-io/transport-node';
import { tradingServices } from '../e2e/system.ts';
import { repeatEverything } from './repeater.ts';
import type { World } from './world.ts';

/** Something that happens and is over when it has been answered for; whoever heals does it without a hand. */
export interface Fault {
  what: string;
  happen: (world: World) => Promise<unknown>;
}

/** Longer than the engine's lease and than a breaker rests, shorter than people's patience. */
const AWAY_MS = 4000;

export const killed = (name: string): Fault => ({
  what: `${name} is killed and started again`,
  async happen({ system }) {
    await system.stop(name, 'SIGKILL');
    await system.start(name);
  },
});

const standsStill = (name: string): Fault => ({
  what: `${name} stands still for ${AWAY_MS} ms`,
  async happen({ system }) {
    system.signal(name, 'SIGSTOP');
    await pause(AWAY_MS);
    system.signal(name, 'SIGCONT');
  },
});

const cutOff = (name: string): Fault => ({
  what: `${name} is cut off for ${AWAY_MS} ms, and nobody is told`,
  async happen({ wires }) {
    wires.cut(name);
    await pause(AWAY_MS);
    wires.mend(name);
  },
});

const serverFaults: readonly Fault[] = [
  {
    what: 'NATS is away',
    async happen({ system, moment }) {
      await system.nats.kill();
      await moment(AWAY_MS);
      await system.nats.restart();
    },
  },
  {
    what: 'Redis is away and comes back empty',
    async happen({ system, moment }) {
      await system.redis.kill();
      await moment(AWAY_MS);
      await system.redis.restart();
    },
  },
  {
    what: 'PostgreSQL is away',
    async happen({ postgres, moment }) {
      await postgres.kill();
      await moment(AWAY_MS);
      await postgres.start();
    },
  },
];

const repeated: Fault = {
  what: 'every message is delivered twice',
  async happen({ system }) {
    const repeater = await repeatEverything(system.nats.url);
    await pause(AWAY_MS);
    await repeater.stop();
    if (repeater.count() < 50) throw new Error(`only ${repeater.count()} messages were repeated`);
  },
};

export const poison: Fault = {
  what: 'messages that nobody can read',
  async happen({ system }) {
    const scope = testScope();
    const { connection } = await openNats(scope, { url: new Secret(system.nats.url), service: 'e2e' });
    for (const [subject, type] of unreadable()) {
      const headers = newHeaders();
      for (const [name, value] of [
        ['ce-id', randomUUID()],
        ['Nats-Msg-Id', randomUUID()],
        ['ce-type', type],
      ] as const)
        headers.set(name, value);
      connection.publish(subject, randomBytes(64), { headers });
    }
    await connection.flush();
    await scope.close();
  },
};

function unreadable(): [subject: string, type: string][] {
  const account = randomUUID();
  return [
    [`exec.0.${account}.fill`, executionReport.type],
    [`order.placed.${account}`, orderPlaced.type],
    [`user.erasure.started.${account}`, userErasureStarted.type],
    [`user.erasure.started.${account}`, 'andvari.nothing.v1.Known'],
    ['cmd.0.AAPL', 'andvari.engine.v1.Command'],
  ];
}

const standbyTakesOver: Fault = {
  what: 'the engine that leads stands still past its lease while another stands by, and wakes up again',
  async happen({ system }) {
    const other = await system.standby('engine');
    system.signal('engine', 'SIGSTOP');
    await pause(AWAY_MS);
    system.signal('engine', 'SIGCONT');
    await pause(AWAY_MS / 2);
    await system.stop(other, 'SIGKILL');
  },
};

/** Of a kind that may happen at any moment and again. */
export const manyFaults: readonly Fault[] = [
  ...tradingServices.map(killed),
  ...serverFaults,
  ...['order', 'portfolio', 'engine', 'gateway', 'stock'].map(standsStill),
  ...['order', 'portfolio', 'engine', 'gateway', 'auth'].map(cutOff),
  repeated,
  poison,
  standbyTakesOver,
];
