import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '@andvari/kit/base/config';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import { openNats } from '@andvari/kit/nats/nats';
import { publishInOrder } from '@andvari/kit/nats/publish-in-order';
import { ensureStreams } from '@andvari/kit/nats/streams';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { testNats } from '@andvari/kit/testing/test-nats';
import { createPartition, take } from '../src/partition/partition.ts';
import { cancel, limit, opening } from '../test/commands.ts';
import { startEngine } from '../test/engine-process.ts';

const SYMBOL = 'BENCH';
const WINDOW = 1000;
const PATIENCE_MS = 120_000;

export interface ServicePath {
  commandsPerSecond: number;
  reportsPerSecond: number;
  engineCpuPercent: number;
}

/**
 * The whole service: commands that lie in JetStream become reports that lie in JetStream. The engine is a process of its own
 * and starts behind a full log, so that what is measured is the engine and NATS, not the writer of the commands.
 */
export async function measureServicePath(commands: number): Promise<ServicePath> {
  const server = await testNats();
  const scope = new Scope(openLog('bench', 'silent'));
  try {
    const nats = await openNats(scope, { url: new Secret(server.url), service: 'bench' });
    await ensureStreams(nats, ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO', 'DEAD']);
    const partition = createPartition(0);
    let sequence = 0;
    const write = async (events: readonly OutgoingEvent[]): Promise<void> => {
      for (const { subject, payload } of events) {
        sequence += 1;
        take(partition, { sequence, atUs: sequence, subject, payload });
      }
      await publishInOrder(nats, events, scope.signal, scope.log);
    };
    await write(opening(SYMBOL));
    for (let first = 0; first < commands; first += WINDOW) {
      const window = Array.from({ length: Math.min(WINDOW, commands - first) }, (_, index) => commandAt(first + index));
      await write(window);
    }

    const engine = await startEngine(server.url, { LOG_LEVEL: 'warn' });
    scope.defer('engine', async () => void (await engine.kill()));
    const hangsAt = performance.now() + PATIENCE_MS;
    const stored = async (): Promise<number> => {
      if (performance.now() > hangsAt) throw new Error(`the engine does not get on: ${engine.output()}`);
      return (await nats.jsm.streams.info('EXECUTIONS')).state.messages;
    };
    while ((await stored()) === 0) await pause(5);
    const from = { at: performance.now(), reports: await stored(), cpu: cpuSeconds(engine.child.pid) };
    const expected = partition.pendingMessages;
    let reports = from.reports;
    while (reports < expected) {
      await pause(25);
      reports = await stored();
    }
    const at = { at: performance.now(), reports, cpu: cpuSeconds(engine.child.pid) };

    const seconds = (at.at - from.at) / 1000;
    const share = (at.reports - from.reports) / at.reports;
    return {
      commandsPerSecond: (commands * share) / seconds,
      reportsPerSecond: (at.reports - from.reports) / seconds,
      engineCpuPercent: (100 * (at.cpu - from.cpu)) / seconds,
    };
  } finally {
    await scope.close();
    await server.stop();
  }
}

/** Four orders of ten rest, three cross, three are cancels of earlier ones. */
function commandAt(index: number) {
  const user = `u${index % 50}`;
  if (index % 10 < 3 && index > 20) return cancel(SYMBOL, `order ${index - 7}`, `u${(index - 7) % 50}`);
  const crosses = index % 10 < 6;
  const side = index % 2 === 0 ? 'buy' : 'sell';
  const away = BigInt(1 + (index % 7));
  const px = (side === 'buy') === crosses ? 100n + away : 100n - away;
  return limit(SYMBOL, { order: `order ${index}`, user, side, qty: BigInt(1 + (index % 5)), px });
}

function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
