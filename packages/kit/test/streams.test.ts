import type { StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assertServerVersion, atLeast } from '../src/nats/nats.ts';
import { assertEcho, ensureStream, streamConfig } from '../src/nats/streams.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('streams', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  const config = (name: string, extra: Partial<StreamConfig> = {}) => ({
    ...streamConfig('USER'),
    name: `${world.stream}_${name}`,
    subjects: [`${world.stream}.${name}.>`],
    ...extra,
  });

  test('are made once, by whoever comes first, and may be asked for by all at the same time', async () => {
    const made = await Promise.all([1, 2, 3].map(() => ensureStream(world.nats, config('once'))));
    expect(new Set(made.map((info) => info.created)).size).toBe(1);
    expect((await ensureStream(world.nats, config('once'))).created).toBe(made[0]?.created);
  });

  test('follow their configuration, and keep what they hold', async () => {
    await ensureStream(world.nats, config('grown'));
    await world.nats.js.publish(`${world.stream}.grown.x`, 'kept');
    const grown = await ensureStream(world.nats, config('grown', { max_age: nanos(86_400_000) }));
    expect(grown.config.max_age).toBe(nanos(86_400_000));
    expect(grown.state.messages).toBe(1);
  });

  test('an option that the server drops without a word stops the start, by its name', async () => {
    const asked = ensureStream(world.nats, config('newer', { allow_msg_ttl: true, allow_atomic: true }));
    if (world.nats.has('message_ttl') && world.nats.has('atomic_batch')) await asked;
    else await expect(asked).rejects.toThrow(/NATS did not do as asked for stream .*allow_\w+ should be true/);
  });

  test('the engine’s two streams may take six times as much as the others, and none may take all', () => {
    const bytes = (['USER', 'COMMANDS', 'EXECUTIONS'] as const).map((name) => streamConfig(name).max_bytes);
    expect(bytes.map((each) => (each ?? 0) / 2 ** 20)).toEqual([256, 1536, 1536]);
  });

  test('the log of the engine is kept whole: nothing ages, and a full log refuses', () => {
    expect(streamConfig('COMMANDS')).toMatchObject({ max_age: 0, discard: 'new', subjects: ['cmd.>'] });
    expect(streamConfig('DEAD')).toMatchObject({ subjects: ['dead.>'], discard: 'old' });
  });
});

describe('what a server answers', () => {
  test.each([
    ['an answer that is the request', { a: 1, b: ['x'] }, { a: 1, b: ['x'] }, undefined],
    ['an answer with more than was asked', { a: 1 }, { a: 1, b: 2 }, undefined],
    ['an answer without what is off', { a: false, b: 0 }, {}, undefined],
    ['an answer without what is on', { a: true }, {}, 'a should be true and is undefined'],
    ['an answer with another value', { b: ['x'] }, { b: ['y'] }, 'b should be ["x"] and is ["y"]'],
  ])('%s', (_, requested, returned, complaint) => {
    const check = () => assertEcho('stream X', requested, { config: returned });
    if (complaint === undefined) expect(check()).toEqual({ config: returned });
    else expect(check).toThrow(`NATS did not do as asked for stream X: ${complaint}`);
  });
});

describe('the version of a server', () => {
  test.each([
    ['2.9.0', [2, 9], true],
    ['2.10.24', [2, 9], true],
    ['2.9.25', [2, 10], false],
    ['3.0.0-beta', [2, 12], true],
    ['1.12.0', [2, 9], false],
  ] as const)('%s against %s', (version, needed, enough) => {
    expect(atLeast(version, needed)).toBe(enough);
  });

  test('one that is too old is refused', () => {
    expect(() => assertServerVersion('2.8.4')).toThrow('NATS 2.8.4 is too old: 2.9 or newer is needed');
    expect(() => assertServerVersion('2.9.10')).not.toThrow();
  });
});
