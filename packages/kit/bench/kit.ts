import { printTable } from '@andvari/bench/table';
import { startTestInfra } from '@andvari/servers/test-infra';
import { measureConsumer, measureOutbox } from './events.ts';
import { measureRpc } from './rpc.ts';
import { measureUserReady } from './user-ready.ts';

/** What the ground costs that every service stands on: a call, an event out, an event in, a start. */
export async function run(options: { json: boolean; long: boolean }): Promise<Record<string, number>> {
  const rpc = await measureRpc(options);
  const infra = await startTestInfra();
  try {
    const start = await measureUserReady(infra, options);
    const outbox = await measureOutbox(infra, options.long ? 50_000 : 10_000);
    const consumer = await measureConsumer(infra, options.long ? 100_000 : 20_000);
    printTable(
      ['events', '/s'],
      [
        ['appended to the outbox', outbox.appendedPerSecond],
        ['from the outbox to the stream', outbox.eventsPerSecond],
        ['from the stream into a table, with inbox', consumer.eventsPerSecond],
      ],
    );
    return {
      ...rpc,
      ...start,
      outbox_events_per_s: Math.round(outbox.eventsPerSecond),
      outbox_appended_per_s: Math.round(outbox.appendedPerSecond),
      consumer_events_per_s: Math.round(consumer.eventsPerSecond),
    };
  } finally {
    await infra.stop();
  }
}
