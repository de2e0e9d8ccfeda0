import { profileUpdated, userRegistered } from '@andvari/proto/events';
import { describe, expect, test } from 'vitest';
import type { Tx } from '../src/db/types.ts';
import type { ReceivedEvent } from '../src/events/event.ts';
import { eachEvent, eventsOf, on } from '../src/inbox/handlers.ts';

const tx = {} as Tx;
const received = <T>(type: ReceivedEvent<T>['type'], id: string): ReceivedEvent =>
  ({ id, type, source: 'test', time: new Date(), subject: 's', traceparent: undefined, message: {} }) as ReceivedEvent;

describe('events', () => {
  test('of one type are handed over all at once', async () => {
    const handed: unknown[] = [];
    const handler = eventsOf(profileUpdated, async (...given) => void handed.push(...given));
    const events = [received(profileUpdated, '1'), received(profileUpdated, '2')];
    await handler.handle(events, tx);
    expect([handler.types, handed]).toEqual([[profileUpdated], [events, tx]]);
    expect(handed[1]).toBe(tx);
  });

  test('of several types are handed over one by one, in their order, each to its own', async () => {
    const handed: string[] = [];
    const handler = eachEvent(
      on(profileUpdated, async ({ id }, given) => void handed.push(`updated ${id} ${given === tx}`)),
      on(userRegistered, async ({ id }, given) => void handed.push(`registered ${id} ${given === tx}`)),
    );
    expect(handler.types).toEqual([profileUpdated, userRegistered]);
    await handler.handle(
      [received(userRegistered, '1'), received(profileUpdated, '2'), received(userRegistered, '3')],
      tx,
    );
    expect(handed).toEqual(['registered 1 true', 'updated 2 true', 'registered 3 true']);
  });

  test('are not begun before the one ahead has ended, and end with one that fails', async () => {
    const steps: string[] = [];
    const handler = eachEvent(
      on(profileUpdated, async ({ id }) => {
        steps.push(`begun ${id}`);
        await Promise.resolve();
        if (id === '2') throw new Error('a bug');
        steps.push(`done ${id}`);
      }),
    );
    const events = ['1', '2', '3'].map((id) => received(profileUpdated, id));
    await expect(handler.handle(events, tx)).rejects.toThrow('a bug');
    expect(steps).toEqual(['begun 1', 'done 1', 'begun 2']);
  });

  test('of a type that nobody handles are a fault', async () => {
    const handler = eachEvent(on(profileUpdated, async () => undefined));
    await expect(handler.handle([received(userRegistered, '1')], tx)).rejects.toThrow(
      `no handler for ${userRegistered.type}`,
    );
  });
});
