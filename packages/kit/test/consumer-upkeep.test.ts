import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isFarFromFull, startConsumer } from '../src/inbox/consumer.ts';
import { publishInOrder } from '../src/nats/publish-in-order.ts';
import { Scope } from '../src/process/scope.ts';
import { capturedLog } from '../src/testing/captured-log.ts';
import { eventually } from '../src/testing/eventually.ts';
import { openWorld, type World } from './events-fixture.ts';

describe('what a consumer does besides', () => {
  let world: World;
  let consuming: Scope;
  let lines: ReturnType<typeof capturedLog>['lines'];
  beforeEach(async () => {
    world = await openWorld();
    const captured = capturedLog();
    lines = captured.lines;
    consuming = new Scope(captured.log);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await consuming.close();
    await world.close();
  });

  const troubles = () => lines().filter(({ event }) => String(event).startsWith('delivery_failed'));
  const start = (options: { restMs?: number } = {}): void =>
    startConsumer(consuming, {
      ...world,
      ...options,
      durable: 'effects',
      handler: { types: [world.type], handle: async () => undefined },
    });
  const publish = (...versions: number[]) =>
    publishInOrder(
      world.nats,
      versions.map((version) => world.event('ada', version)),
      world.scope.signal,
      world.scope.log,
    );
  const handled = async (): Promise<number> => {
    const { body } = await world.metrics.scrape();
    return Number(/^consumer_handled_total\{.*\} (\d+)/m.exec(body)?.[1] ?? 0);
  };

  test('forgets, once a minute, all that is older than any message can be', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    start();
    await publish(1);
    await eventually(async () => expect(await handled()).toBe(1));
    // More than one statement takes.
    await world.db`
      insert into inbox (consumer, event_id, received_at)
      select 'effects', 'old ' || n, now() - interval '15 days' from generate_series(1, 5001) as n`;
    await vi.advanceTimersByTimeAsync(60_000);
    await eventually(async () => expect(await world.db`select from inbox`).toHaveLength(1));
  });

  test('says what stopped it, once, and that it is over', async () => {
    await world.db`alter table inbox_positions rename to elsewhere`;
    start();
    const failed = {
      level: 'warn',
      event: 'delivery_failed',
      consumer: 'effects',
      stream: world.stream,
      msg: 'the delivery failed; starting again',
    };
    await eventually(() => expect(troubles()).toEqual([expect.objectContaining(failed)]));
    await world.db`alter table elsewhere rename to inbox_positions`;
    await publish(1);
    await eventually(async () => expect(await handled()).toBe(1));
    const over = { level: 'info', event: 'delivery_failed_over', consumer: 'effects' };
    expect(troubles()).toEqual([expect.objectContaining(failed), expect.objectContaining(over)]);
  });

  test('tells how far behind it is while it consumes, and nothing of it once it does not', async () => {
    const { body: before } = await world.metrics.scrape();
    expect(before).not.toMatch(/^consumer_lag/m);
    start();
    await publish(1);
    await eventually(async () => expect(await handled()).toBe(1));
    await eventually(async () => expect((await world.metrics.scrape()).body).toMatch(/^consumer_lag\{.*\} 0$/m));
    await consuming.close();
    expect((await world.metrics.scrape()).body).not.toMatch(/^consumer_lag\{/m);
  });

  test('a rest ends with the process', async () => {
    start({ restMs: 600_000 });
    await publish(1);
    await eventually(async () => expect(await handled()).toBe(1));
    expect(await consuming.close()).toEqual({ failed: [] });
  });
});

test.each([
  [1, 256, true],
  [127, 256, true],
  [128, 256, false],
  [256, 256, false],
  [1, 1, false],
])('%i messages of at most %i are far from a full batch: %s', (messages, most, is) => {
  expect(isFarFromFull(messages, most)).toBe(is);
});
