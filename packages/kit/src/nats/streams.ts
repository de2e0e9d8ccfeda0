import { isDeepStrictEqual } from 'node:util';
import { streamSubjects } from '@andvari/proto/events';
import {
  type ConsumerConfig,
  type ConsumerInfo,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Nats } from './nats.ts';

const MB = 1024 * 1024;
/** All streams together stay below what a server takes of a volume of 8 GiB. */
const DEFAULT_STREAM_MB = 256;
/** The engine's log and what came of it. */
const LARGE: ReadonlySet<string> = new Set<StreamName>(['COMMANDS', 'EXECUTIONS']);

export type StreamName = keyof typeof streamSubjects | 'DEAD';

export interface StreamLimits {
  /** Copies in a cluster; 1 on one node. */
  replicas?: number;
  /** What the stream may take of the volume; COMMANDS and EXECUTIONS get six times as much. */
  maxBytes?: number;
  maxAgeMs?: number;
}

const DAY_MS = 86_400_000;

/** How long a message stays in a stream; an inbox must remember for longer. */
export const STREAM_MAX_AGE_MS = 7 * DAY_MS;
const DUPLICATE_WINDOW_MS = 120_000;

/** Creates the streams that are missing and brings the others up to date. Any number of services may do so at once. */
export async function ensureStreams(
  nats: Nats,
  names: readonly StreamName[],
  limits: Partial<Record<StreamName, StreamLimits>> & { defaults?: StreamLimits } = {},
): Promise<void> {
  for (const name of names) await ensureStream(nats, streamConfig(name, { ...limits.defaults, ...limits[name] }));
}

export function streamConfig(name: StreamName, limits: StreamLimits = {}): RequestedStream {
  return {
    name,
    subjects: name === 'DEAD' ? ['dead.>'] : [...streamSubjects[name]],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    num_replicas: limits.replicas ?? 1,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    // Without a limit one stream could fill the volume, and then none takes another message.
    max_bytes: (limits.maxBytes ?? DEFAULT_STREAM_MB * MB) * (LARGE.has(name) ? 6 : 1),
    ...(name === 'COMMANDS'
      ? // The log of the engine: only a snapshot makes a command dispensable, so a full log refuses new ones.
        { max_age: 0, discard: DiscardPolicy.New }
      : { max_age: nanos(limits.maxAgeMs ?? STREAM_MAX_AGE_MS), discard: DiscardPolicy.Old }),
  };
}

export type RequestedStream = Partial<StreamConfig> & { name: string };

export async function ensureStream({ jsm }: Nats, requested: RequestedStream): Promise<StreamInfo> {
  const existing = await orUndefined(jsm.streams.info(requested.name));
  const what = `stream ${requested.name}`;
  if (existing === undefined) return assertEcho(what, requested, await jsm.streams.add(requested));
  if (differences(requested, existing.config).length === 0) return existing;
  return assertEcho(what, requested, await jsm.streams.update(requested.name, requested));
}

/** Makes a consumer anew, whatever was there under its name. */
export async function createConsumer(
  { jsm }: Nats,
  stream: string,
  requested: Partial<ConsumerConfig> & { durable_name: string },
): Promise<ConsumerInfo> {
  await orUndefined(jsm.consumers.delete(stream, requested.durable_name));
  const created = await jsm.consumers.add(stream, requested);
  return assertEcho(`consumer ${stream}/${requested.durable_name}`, requested, created);
}

/** An older server answers yes to an option it does not know and drops it; the answer's own words tell. */
export function assertEcho<T extends { config: object }>(what: string, requested: object, answer: T): T {
  const ignored = differences(requested, answer.config);
  if (ignored.length === 0) return answer;
  throw new Error(
    `NATS did not do as asked for ${what}: ${ignored
      .map(({ option, wanted, got }) => `${option} should be ${JSON.stringify(wanted)} and is ${JSON.stringify(got)}`)
      .join('; ')}`,
  );
}

interface Difference {
  option: string;
  wanted: unknown;
  got: unknown;
}

function differences(requested: object, returned: object): Difference[] {
  const got = returned as Record<string, unknown>;
  return Object.entries(requested)
    .map(([option, wanted]) => ({ option, wanted: wanted as unknown, got: got[option] }))
    .filter((pair) => pair.wanted !== undefined && !isDeepStrictEqual(pair.wanted, pair.got) && !bothUnset(pair));
}

/** Zero and false are left out of the server's answer. */
function bothUnset({ wanted, got }: Difference): boolean {
  return !wanted && !got;
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}
