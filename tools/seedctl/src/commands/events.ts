import { type ReplayRange, replayOutbox } from '@andvari/kit/outbox/replay';
import * as contracts from '@andvari/proto/events';
import { AckPolicy, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { OK, type SystemCommand } from '../command.ts';
import type { Printer, Row } from '../print.ts';
import { CommandError, UsageError } from '../system.ts';
import { wholeNumber } from '../whole-number.ts';
import type { World } from '../world.ts';

const FETCH_MS = 1000;
const PAGE = 500;

const tail: SystemCommand = {
  name: 'events tail',
  usage: '[SUBJECT]',
  summary: 'The last events of a subject (order.>, all by default), and with --follow those that come',
  words: { from: 0, to: 1 },
  options: { last: { type: 'string' }, follow: { type: 'boolean' } },
  async run(world, { positionals, values }, print) {
    const subject = positionals[0] ?? '>';
    const last = wholeNumber('--last', values['last'], { from: 1, to: 10_000 }) ?? 20;
    for (const stream of await streamsWith(world, subject)) await showLast(world, { stream, subject, last }, print);
    if (values['follow'] === true) await follow(world, subject, print);
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

/** The last of one stream: it starts far enough before the end and shows what is left. */
async function showLast(
  world: World,
  asked: { stream: string; subject: string; last: number },
  print: Printer,
): Promise<void> {
  const { jsm, js } = await world.nats();
  const { stream, subject, last } = asked;
  const consumer = await jsm.consumers.add(stream, {
    filter_subject: subject,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.None,
    inactive_threshold: 60_000_000_000,
  });
  try {
    const pull = await js.consumers.get(stream, consumer.name);
    let shown: Row[] = [];
    for (let left = consumer.num_pending; left > 0; ) {
      let received = 0;
      for await (const message of await pull.fetch({ max_messages: Math.min(left, PAGE), expires: FETCH_MS })) {
        received += 1;
        if (left - received < last) shown.push(rowOf(message.subject, message.data, headerOf(message), message.seq));
      }
      if (received === 0) break;
      left -= received;
      shown = shown.slice(-last);
    }
    if (shown.length > 0) print.rows(shown, '');
  } finally {
    await jsm.consumers.delete(stream, consumer.name).catch(() => undefined);
  }
}

/** Until it is interrupted, or the connection is lost: what is told before there is another would be missing without a word. */
async function follow(world: World, subject: string, print: Printer): Promise<void> {
  const nats = await world.nats();
  const subscription = nats.connection.subscribe(subject);
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    subscription.unsubscribe();
  });
  nats.session().addEventListener('abort', () => subscription.unsubscribe(), { once: true });
  for await (const message of subscription) {
    const name = message.headers?.get('ce-type') ?? '';
    if (name !== '')
      print.rows([rowOf(message.subject, message.data, (header) => message.headers?.get(header) ?? '')], '');
  }
  if (!interrupted) throw new CommandError('The connection to NATS was lost: docs/runbooks/nats-down.md');
}

type Header = (name: string) => string;

function headerOf(message: JsMsg): Header {
  return (name) => message.headers?.get(name) ?? '';
}

function rowOf(subject: string, data: Uint8Array, header: Header, sequence?: number): Row {
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
