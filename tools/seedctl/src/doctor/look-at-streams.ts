import { setTimeout as pause } from 'node:timers/promises';
import { within } from '@andvari/kit/process/scope';
import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream';
import type { World } from '../world.ts';
import type { Complaint } from './complaint.ts';

const CONNECT_MS = 5000;
const BETWEEN_LOOKS_MS = 2000;
const NEARLY_FULL = 0.8;

interface Look {
  readonly streams: readonly StreamInfo[];
  readonly consumers: readonly ConsumerInfo[];
}

/** Whether streams have room, and consumers that are behind get on: looked at twice, for one moment tells nothing of progress. */
export async function lookAtStreams(world: World): Promise<Complaint[]> {
  try {
    const nats = await within(world.nats(), CONNECT_MS);
    const before = await look(nats.jsm);
    await pause(BETWEEN_LOOKS_MS);
    const after = await look(nats.jsm);
    return [...after.streams.flatMap(judgeRoom), ...after.consumers.flatMap((one) => judgeProgress(before, one))];
  } catch (error) {
    return [{ where: 'NATS', what: `does not answer: ${(error as Error).message}`, runbook: 'nats-down' }];
  }
}

async function look(jsm: Awaited<ReturnType<World['nats']>>['jsm']): Promise<Look> {
  const streams: StreamInfo[] = [];
  const consumers: ConsumerInfo[] = [];
  for await (const stream of jsm.streams.list()) {
    streams.push(stream);
    for await (const consumer of jsm.consumers.list(stream.config.name)) consumers.push(consumer);
  }
  return { streams, consumers };
}

/** A log of commands that is full refuses orders; another lets go of its oldest, read or not. */
export function judgeRoom({ config, state }: Pick<StreamInfo, 'config' | 'state'>): Complaint[] {
  const { name, max_bytes: most } = config;
  if (most <= 0 || state.bytes < most * NEARLY_FULL) return [];
  const percent = Math.floor((100 * state.bytes) / most);
  return [{ where: name, what: `is ${percent} % full`, runbook: 'nats-disk-full' }];
}

export function judgeProgress(before: Pick<Look, 'consumers'>, now: ConsumerInfo): Complaint[] {
  if (now.config.durable_name === undefined) return [];
  const behind = now.num_pending + now.num_ack_pending;
  const then = before.consumers.find(
    ({ name, stream_name: stream }) => name === now.name && stream === now.stream_name,
  );
  const stood = then !== undefined && then.num_pending + then.num_ack_pending > 0;
  const moved = then?.ack_floor.stream_seq !== now.ack_floor.stream_seq;
  if (behind === 0 || !stood || moved) return [];
  const what = `consumer ${now.name} is ${behind} messages behind and makes no progress`;
  return [{ where: now.stream_name, what, runbook: 'consumer-lag' }];
}
