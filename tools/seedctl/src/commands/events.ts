import { type ReplayRange, replayOutbox } from '@andvari/kit/outbox/replay';
import * as contracts from '@andvari/proto/events';
import { AckPolicy, type ConsumerInfo, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import { OK, type SystemCommand } from '../command.ts';
import type { Row } from '../print.ts';
import { CommandError, UsageError } from '../system.ts';
import { wholeNumber } from '../whole-number.ts';
import type { World } from '../world.ts';

const FETCH_MS = 1000;
const PAGE = 500;
/** By how much farther back is looked where too few were found. */
const REACH_FACTOR = 16;

const tail: SystemCommand = {
  name: 'events tail',
  usage: '[SUBJECT]',
  summary: 'The last events of a subject (order.>, all by default), and with --follow those that come',
  words: { from: 0, to: 1 },
  options: { last: { type: 'string' }, follow: { type: 'boolean' } },
  async run(world, { positionals, values }, print) {
    const subject = positionals[0] ?? '>';
    const last = wholeNumber('--last', values['last'], { from: 1, to: 10_000 }) ?? 20;
    const streams = await streamsWith(world, subject);
    // From before the last are read, so that none is missed between them and those that come.
    const following = values['follow'] === true ? await follow(world, subject) : undefined;
    const shown = new Set<string>();
    for (const stream of streams) {
      const rows = await findLast(world, { stream, subject, last });
      if (rows.length > 0) print.rows(rows, '');
      for (const { id } of rows) shown.add(id);
    }
    await following?.((row) => {
      if (!shown.delete(row.id)) print.rows([row], '');
    });
    return OK;
  },
};

const replay: SystemCommand = {
  name: 'events replay',
  usage: 'DATABASE',
  summary: 'Publishes again what a service has published: who applied it drops it, a stream that lost it has it again',
  words: { from: 1, to: 1 },
  options: { since: { type: 'string' }, subject: { type: 'string' } },
  changes: true,
  async run(world, { positionals: [name = ''], values }, print) {
    const { scope } = world;
    const parts = { db: world.db(name), nats: await world.nats(), log: scope.log, signal: scope.signal };
    const count = await replayOutbox(parts, rangeOf(values));
    print.outcome(`${count} events of ${name} were published again.`, { database: name, events: count });
    return OK;
  },
};

/** An engine that has forgotten an order would take it on anew: commands are sent again only to whoever names them. */
export function rangeOf({ since, subject }: Readonly<Record<string, unknown>>): ReplayRange {
  return {
    ...(typeof since === 'string' ? { since: dateOf(since) } : {}),
    ...(typeof subject === 'string' ? { subjectPrefix: subject } : { exceptPrefix: COMMANDS }),
  };
}

const COMMANDS = contracts.command.subject.replace(/\{.*/, '');

export const eventCommands: readonly SystemCommand[] = [tail, replay];

async function streamsWith(world: World, subject: string): Promise<string[]> {
  const { jsm } = await world.nats();
  const names: string[] = [];
  for await (const name of jsm.streams.names(subject)) names.push(name);
  if (names.length === 0) throw new CommandError(`no stream has a subject like ${subject}`);
  return names.toSorted();
}

/** The last of one stream. */
async function findLast(
  world: World,
  { stream, subject, last }: { stream: string; subject: string; last: number },
): Promise<EventRow[]> {
  const { jsm, js } = await world.nats();
  const consumer = await consumerOfLast(jsm, { stream, subject, last });
  try {
    const pull = await js.consumers.get(stream, consumer.name);
    let found: EventRow[] = [];
    for (let left = consumer.num_pending; left > 0; ) {
      let received = 0;
      for await (const message of await pull.fetch({ max_messages: Math.min(left, PAGE), expires: FETCH_MS })) {
        received += 1;
        if (left - received < last) found.push(rowOf(message.subject, message.data, headerOf(message), message.seq));
      }
      if (received === 0) break;
      left -= received;
      found = found.slice(-last);
    }
    return found;
  } finally {
    await jsm.consumers.delete(stream, consumer.name).catch(() => undefined);
  }
}

/** One that begins far enough before the stream's end: how far back so many of a subject lie, only the server can count. */
async function consumerOfLast(
  jsm: JetStreamManager,
  { stream, subject, last }: { stream: string; subject: string; last: number },
): Promise<ConsumerInfo> {
  const { state } = await jsm.streams.info(stream);
  for (let reach = last; ; reach *= REACH_FACTOR) {
    const consumer = await jsm.consumers.add(stream, {
      filter_subject: subject,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, state.last_seq - reach + 1),
      ack_policy: AckPolicy.None,
      inactive_threshold: 60_000_000_000,
    });
    if (consumer.num_pending >= last || state.last_seq - reach < state.first_seq) return consumer;
    await jsm.consumers.delete(stream, consumer.name);
  }
}

/**
 * From now on; answers how to read what comes, until it is interrupted or the connection is lost: what is told before there is another would be
 * missing without a word.
 */
async function follow(world: World, subject: string): Promise<(show: (row: EventRow) => void) => Promise<void>> {
  const nats = await world.nats();
  const session = nats.session();
  const subscription = nats.connection.subscribe(subject);
  await nats.connection.flush();
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    subscription.unsubscribe();
  });
  const lost = (): void => subscription.unsubscribe();
  if (session.aborted) lost();
  session.addEventListener('abort', lost, { once: true });
  return async (show) => {
    for await (const message of subscription) {
      const header = headerOf(message);
      if (header('ce-type') !== '') show(rowOf(message.subject, message.data, header));
    }
    if (!interrupted) throw new CommandError('The connection to NATS was lost: docs/runbooks/nats-down.md');
  };
}

type Header = (name: string) => string;

function headerOf({ headers }: { headers?: MsgHdrs | undefined }): Header {
  return (name) => headers?.get(name) ?? '';
}

type EventRow = Row & { id: string };

function rowOf(subject: string, data: Uint8Array, header: Header, sequence?: number): EventRow {
  const type = header('ce-type');
  return {
    time: header('ce-time'),
    ...(sequence === undefined ? {} : { sequence }),
    subject,
    id: header('ce-id'),
    source: header('ce-source'),
    event: contentsOf(type, data),
  };
}

const typesByName = new Map(
  Object.values(contracts).flatMap((each) => ('codec' in each ? [[each.type, each] as const] : [])),
);

function contentsOf(type: string, data: Uint8Array): string {
  const known = typesByName.get(type);
  if (known === undefined) return `${data.length} bytes`;
  try {
    return JSON.stringify(known.codec.decode(data), (_, value: unknown) => plain(value));
  } catch {
    return `${data.length} bytes that cannot be read`;
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? `${value.length} bytes` : value;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw new UsageError(`--since is a time like 2026-01-31T09:30:00Z, and not ${text}`);
  return date;
}
