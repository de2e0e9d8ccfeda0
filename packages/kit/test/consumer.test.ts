import { connect } from 'node:net';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../src/base/errors.ts';
import type { Tx } from '../src/db/types.ts';
import { isEvent, type ReceivedEvent } from '../src/events/event.ts';
import { startConsumer } from '../src/inbox/consumer.ts';
import { dropDeadLetters, listDeadLetters, requeueDeadLetters } from '../src/inbox/dead-letters.ts';
import { eachEvent, on } from '../src/inbox/handlers.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { ensureStreams } from '../src/nats/streams.ts';
import { startRelay } from '../src/outbox/relay.ts';
import { Scope } from '../src/process/scope.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('a consumer with an inbox', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld();
    await world.db`create table effects (place bigserial, key text, version bigint)`;
  });
  afterEach(() => world.close());

  const publish = (key: string, count: number, first = 1) =>
    publishInOrder(
      world.nats,
      Array.from({ length: count }, (_, index) => world.event(key, first + index)),
      world.scope.signal,
      world.scope.log,
    );
  const effects = async (): Promise<string[]> => {
    const rows = await world.db<{ key: string; version: bigint }[]>`select key, version from effects order by place`;
    return rows.map(({ key, version }) => `${key} ${version}`);
  };
  const insert = async (tx: Tx, events: readonly ReceivedEvent[]): Promise<void> => {
    const messages = events.flatMap((event) => (isEvent(event, world.type) ? [event.message] : []));
    await tx`insert into effects (key, version)
      select * from unnest(${messages.map(({ userId }) => userId)}::text[],
                           ${messages.map(({ version }) => `${version}`)}::bigint[])`;
  };
  const start = (handle: (events: readonly ReceivedEvent[], tx: Tx) => Promise<void>, scope = world.scope) =>
    startConsumer(scope, {
      ...world,
      durable: 'effects',
      handler: { types: [world.type], handle },
    });

  test('applies everything once and in order', async () => {
    await publish('ada', 1000);
    start((events, tx) => insert(tx, events));
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 1000)));
    await publish('ada', 10, 1001);
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 1010)));
  });

  test('an event that is delivered twice is applied once', async () => {
    const event = world.event('ada', 1);
    const again = { ...world.event('ada', 1), headers: event.headers };
    await publishInOrder(world.nats, [event, again], world.scope.signal, world.scope.log);
    start((events, tx) => insert(tx, events));
    await publishInOrder(
      world.nats,
      [{ ...again, id: crypto.randomUUID() }, world.event('bob', 1)],
      world.scope.signal,
      world.scope.log,
    );
    await eventually(async () => expect(await effects()).toEqual(['ada 1', 'bob 1']));
    expect((await world.nats.jsm.streams.info(world.stream)).state.messages).toBe(4);
  });

  test('that goes by ids drops what has the id of another, whatever it says', async () => {
    const event = world.event('ada', 1);
    const other = { ...world.event('ada', 7), headers: event.headers };
    await publishInOrder(world.nats, [event, other, world.event('bob', 1)], world.scope.signal, world.scope.log);
    start((events, tx) => insert(tx, events));
    await eventually(async () => expect(await effects()).toEqual(['ada 1', 'bob 1']));
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  const root = (): string => world.type.subject.split('.')[0] ?? '';
  const send = (payload: Uint8Array, headers: [string, string][] = []) => {
    const all = natsHeaders();
    for (const [name, value] of headers) all.set(name, value);
    return world.nats.js.publish(`${world.type.subject.split('.')[0] ?? ''}.updated.rubbish`, payload, {
      headers: all,
    });
  };

  /** Headers that no client would write, over a socket of our own. */
  async function sendRaw(headers: string): Promise<void> {
    const { hostname, port, username, password } = new URL(world.natsUrl);
    const socket = connect(Number(port), hostname);
    const user = username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
    const body = 'rubbish';
    socket.write(`CONNECT ${JSON.stringify({ verbose: false, headers: true, ...user })}\r\n`);
    socket.write(
      `HPUB ${root()}.updated.raw ${headers.length} ${headers.length + body.length}\r\n${headers}${body}\r\nPING\r\n`,
    );
    await new Promise<void>((resolve, reject) => {
      socket.on('data', (said) => said.includes('PONG') && resolve());
      socket.on('error', reject);
    });
    socket.destroy();
  }

  describe('whatever bytes arrive, the rest goes on', () => {
    test.each<[string, () => Promise<unknown>]>([
      ['nothing at all', () => send(new Uint8Array())],
      ['an id that is longer than an index takes', () => send(new Uint8Array([1]), [['ce-id', 'x'.repeat(5400)]])],
      ['a message as large as the server takes', () => send(new Uint8Array(1_005_000), [['ce-id', 'large']])],
      [
        'a hundred headers',
        () =>
          send(
            new Uint8Array([1]),
            Array.from({ length: 100 }, (_, at) => [`h${at}`, 'v'.repeat(500)]),
          ),
      ],
      ['an id with a NUL', () => sendRaw('NATS/1.0\r\nce-id: a\0b\r\nce-type: nonsense\r\n\r\n')],
      ['headers that the client does not read', () => sendRaw('NATS/1.0 9xx\r\nno colon here\r\n\r\n')],
      [
        'a subject of 2,000 characters',
        () => world.nats.js.publish(`${root()}.updated.${'s'.repeat(2000)}`, new Uint8Array([7])),
      ],
    ])('%s', async (_, publishRubbish) => {
      await publishRubbish();
      await publish('ada', 3);
      start((events, tx) => insert(tx, events));
      await eventually(async () => expect(await effects()).toEqual(expected('ada', 3)));
      expect(await listDeadLetters(world.db)).toHaveLength(1);
    });
  });

  test('a poison message in a batch of 256 is set aside and the other 255 apply in order', async () => {
    await publish('ada', 256);
    start(async (events, tx) => {
      await insert(tx, events);
      if (events.some((event) => isEvent(event, world.type) && event.message.version === 100n)) {
        throw new AppError('failed_precondition', 'version 100 cannot be', { reason: 'poison' });
      }
    });
    await eventually(async () => expect(await effects()).toHaveLength(255));
    expect(await effects()).toEqual(expected('ada', 256).filter((effect) => effect !== 'ada 100'));
    const [letter, ...others] = await listDeadLetters(world.db);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      consumer: 'effects',
      subject: world.event('ada', 100).subject,
      error: 'AppError (poison): version 100 cannot be',
      deliveries: 1,
    });
  });

  test('what cannot be applied now is tried again in its place', async () => {
    await publish('ada', 10);
    // More than it takes to halve ten messages down to one.
    let refusals = 5;
    start(async (events, tx) => {
      await insert(tx, events);
      refusals -= 1;
      if (refusals >= 0) throw new AppError('unavailable', 'not now');
    });
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 10)));
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  test('an event of an unknown type becomes a dead letter', async () => {
    const event = world.event('ada', 1);
    const unknown = { ...event, headers: { ...event.headers, 'ce-type': 'andvari.user.v9.ProfileDreamt' } };
    await publishInOrder(world.nats, [unknown, world.event('ada', 2)], world.scope.signal, world.scope.log);
    start((events, tx) => insert(tx, events));
    await eventually(async () => expect(await effects()).toEqual(['ada 2']));
    const [letter, ...others] = await listDeadLetters(world.db, { consumer: 'effects' });
    expect(others).toEqual([]);
    expect(letter?.error).toBe('AppError (unknown_event_type): nothing here reads andvari.user.v9.ProfileDreamt');
  });

  test('a dead letter is told to the DEAD stream, and is applied when it is asked for after the fault is gone', async () => {
    await ensureStreams(world.nats, ['DEAD']);
    startRelay(world.scope, world);
    const { subject } = world.event('ada', 1);
    let faulty = true;
    start(async (events, tx) => {
      await insert(tx, events);
      if (faulty && events.some((event) => isEvent(event, world.type) && event.message.version === 1n)) {
        throw new Error('a bug');
      }
    });
    await publish('ada', 2);
    const told = await eventually(async () => {
      const message = await world.nats.jsm.streams.getMessage('DEAD', { last_by_subj: `dead.effects.${subject}` });
      expect(message).not.toBeNull();
      return message;
    });
    await eventually(async () => expect(await effects()).toEqual(['ada 2']));
    const [letter] = await listDeadLetters(world.db);
    expect(told?.header.get('dead-letter-id')).toBe(letter?.id);
    expect(told?.header.get('dead-letter-error')).toBe('Error: a bug');
    faulty = false;
    await requeueDeadLetters(world.db, [letter?.id ?? '']);
    await eventually(async () => expect(await effects()).toEqual(['ada 2', 'ada 1']));
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  test('a dead letter is dropped for good', async () => {
    start(async () => {
      throw new Error('a bug');
    });
    await publish('ada', 1);
    const [letter] = await eventually(async () => {
      const letters = await listDeadLetters(world.db);
      expect(letters).toHaveLength(1);
      return letters;
    });
    await dropDeadLetters(world.db, [letter?.id ?? '']);
    expect(await listDeadLetters(world.db)).toEqual([]);
    await expect(dropDeadLetters(world.db, [letter?.id ?? ''])).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a table that is not there yet loses nothing', async () => {
    await publish('ada', 3);
    await world.db`alter table effects rename to effects_later`;
    start((events, tx) => insert(tx, events));
    await eventually(async () => {
      const [row] = await world.db<{ error: number }[]>`
        select xact_rollback::int as error from pg_stat_database where datname = current_database()`;
      expect(row?.error).toBeGreaterThan(2);
    });
    await world.db`alter table effects_later rename to effects`;
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 3)));
    expect(await listDeadLetters(world.db)).toEqual([]);
  });

  test('goes on after its durable was deleted under it', async () => {
    start((events, tx) => insert(tx, events));
    await publish('ada', 10);
    await eventually(async () => expect(await effects()).toHaveLength(10));
    await world.nats.jsm.consumers.delete(world.stream, 'effects');
    await publish('ada', 10, 11);
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 20)));
  });

  test('goes on after its stream was deleted and made again', async () => {
    start((events, tx) => insert(tx, events));
    await publish('ada', 10);
    await eventually(async () => expect(await effects()).toHaveLength(10));
    const { config } = await world.nats.jsm.streams.info(world.stream);
    await world.nats.jsm.streams.delete(world.stream);
    await world.nats.jsm.streams.add(config);
    await publish('ada', 20, 11);
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 30)));
  });

  test('finishes the batch in hand at shutdown, and the next life goes on behind it', async () => {
    await publish('ada', 600);
    const scope = new Scope(world.scope.log);
    const inHand = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    start(async (events, tx) => {
      inHand.resolve();
      await finish.promise;
      await insert(tx, events);
    }, scope);
    await inHand.promise;
    let isClosed = false;
    const closed = scope.close().finally(() => {
      isClosed = true;
    });
    expect(await effects()).toEqual([]);
    expect(isClosed).toBe(false);
    finish.resolve();
    expect(await closed).toEqual({ failed: [] });
    const applied = await effects();
    expect(applied.length).toBeGreaterThan(0);
    expect(applied.length).toBeLessThan(600);
    expect(applied).toEqual(expected('ada', applied.length));
    start((events, tx) => insert(tx, events));
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 600)));
    const { config } = await world.nats.jsm.consumers.info(world.stream, 'effects');
    expect(config.opt_start_seq).toBe(applied.length + 1);
  });

  test('reads one event at a time where the service wants to', async () => {
    await publish('ada', 3);
    startConsumer(world.scope, {
      ...world,
      durable: 'each',
      handler: eachEvent(
        on(world.type, async ({ message }, tx) => {
          await tx`insert into effects (key, version) values (${message.userId}, ${message.version})`;
        }),
      ),
    });
    await eventually(async () => expect(await effects()).toEqual(expected('ada', 3)));
  });
});

function expected(key: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${key} ${index + 1}`);
}
