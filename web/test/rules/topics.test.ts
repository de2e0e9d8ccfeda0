import { expect, test } from 'vitest';
import { createTopics } from '../../src/live/topics.ts';

/** Time as two lists of work, moved by hand. */
function clockwork() {
  let now = 0;
  let timers: { at: number; work: () => void }[] = [];
  let frames: (() => void)[] = [];
  let soon: (() => void)[] = [];
  /** What runs has ended. */
  const end = (): void => {
    const due = soon;
    soon = [];
    for (const work of due) work();
  };
  const frame = (): void => {
    end();
    const due = frames;
    frames = [];
    for (const work of due) work();
  };
  return {
    clock: {
      now: () => now,
      later: (work: () => void, ms: number) => void timers.push({ at: now + ms, work }),
      soon: (work: () => void) => void soon.push(work),
      nextFrame: (work: () => void) => void frames.push(work),
    },
    end,
    frame,
    pass: (ms: number) => {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { work } of due) work();
      frame();
    },
  };
}

test('between two flushes the newest wins, and quotes are shown at most ten times a second', () => {
  const { clock, frame, pass } = clockwork();
  const topics = createTopics(clock);
  const shown: unknown[] = [];
  const topic = topics.topic<number>('quote:ACME');
  topic.subscribe(() => shown.push(topic.value));
  topics.publish('quote:ACME', 1, 'calm');
  frame();
  for (const value of [2, 3, 4]) topics.publish('quote:ACME', value, 'calm');
  frame();
  expect(shown).toEqual([1]);
  pass(100);
  expect(shown).toEqual([1, 4]);
});

test('quotes that came together are written together, before the frame: who draws by itself then draws in that one', () => {
  const { clock, end, frame } = clockwork();
  const topics = createTopics(clock);
  const drawn: unknown[] = [];
  for (const key of ['quote:ACME', 'quote:ZINC']) {
    const topic = topics.topic<number>(key);
    topic.subscribe(() => clock.nextFrame(() => drawn.push(topic.value)));
    topics.publish(key, 1, 'calm');
  }
  end();
  expect(drawn).toEqual([]);
  frame();
  expect(drawn).toEqual([1, 1]);
});

test('the book comes with the next frame', () => {
  const { clock, frame } = clockwork();
  const topics = createTopics(clock);
  const shown: unknown[] = [];
  const topic = topics.topic<number>('book:ACME');
  topic.subscribe(() => shown.push(topic.value));
  topics.publish('book:ACME', 1, 'frame');
  frame();
  topics.publish('book:ACME', 2, 'frame');
  frame();
  expect(shown).toEqual([1, 2]);
});

test('what nobody shows costs nothing but is known to who comes later', () => {
  const { clock, frame } = clockwork();
  const topics = createTopics(clock);
  topics.publish('quote:ACME', 7, 'calm');
  frame();
  expect(topics.topic('quote:ACME').value).toBe(7);
});

test('who has gone is told nothing', () => {
  const { clock, frame } = clockwork();
  const topics = createTopics(clock);
  const shown: unknown[] = [];
  const leave = topics.topic('quote:ACME').subscribe(() => shown.push(1));
  topics.publish('quote:ACME', 1, 'calm');
  leave();
  frame();
  expect(shown).toEqual([]);
});
