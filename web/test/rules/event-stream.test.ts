import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

vi.stubGlobal('BroadcastChannel', class extends EventTarget {});
const { backoffMs } = await import('../../src/live/backoff.ts');
const { createEventReader, openStream } = await import('../../src/live/event-stream.ts');
type Link = NonNullable<Parameters<typeof openStream>[0]['link']>;

describe('server-sent events', () => {
  test('arrive in any pieces', () => {
    const read = createEventReader();
    expect(read('event: next\nda')).toEqual([]);
    expect(read('ta: {"a":1}\n')).toEqual([]);
    expect(read('\n:\n\nevent: complete\n\n')).toEqual([
      { name: 'next', data: '{"a":1}' },
      { name: 'complete', data: '' },
    ]);
  });

  test('a heartbeat is no event', () => {
    expect(createEventReader()(':\n\n: ping\n\n')).toEqual([]);
  });
});

test('pauses grow to fifteen seconds, with jitter', () => {
  expect(backoffMs(0, 1)).toBe(250);
  expect(backoffMs(3, 0)).toBe(1000);
  expect(backoffMs(20, 1)).toBe(15_000);
});

describe('a stream that stays', () => {
  const next = (position: string) => `event: next\ndata: {"data":{"account":{"position":"${position}"}}}\n\n`;

  /** A gateway of lines: each attempt gets the next answer; what is not there any more hangs. */
  function gateway(answers: (() => Response)[]) {
    const bodies: string[] = [];
    const cuts = new Set<() => void>();
    const calls = { refreshed: 0, pauses: [] as number[] };
    const link: Link = {
      open: (body, signal) => {
        bodies.push(body);
        const answer = answers.shift();
        if (answer !== undefined) return Promise.resolve(answer());
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      },
      now: () => 0,
      signedIn: () => Promise.resolve(false),
      refresh: () => {
        calls.refreshed += 1;
        return Promise.resolve(true);
      },
      pause: (ms) => {
        calls.pauses.push(ms);
        return Promise.resolve();
      },
      random: () => 1,
      onCut: (cut) => {
        cuts.add(cut);
        return () => cuts.delete(cut);
      },
    };
    return { link, bodies, calls, cuts };
  }

  const follow = (link: Link) => {
    let position = 'none';
    const states: string[] = [];
    const stream = openStream({
      link,
      body: () => position,
      onPayload: ({ data }) => (position = (data as { account: { position: string } }).account.position),
      onState: (state) => states.push(state),
    });
    return { stream, states };
  };

  test('goes on from the last position after the link was cut', async () => {
    const { link, bodies, calls } = gateway([
      () => new Response(next('p1') + next('p2')),
      () => new Response(next('p3')),
    ]);
    const { stream, states } = follow(link);
    await vi.waitFor(() => expect(bodies).toEqual(['none', 'p2', 'p3']));
    expect(calls.refreshed).toBe(0);
    expect(states).toContain('down');
    stream.close();
  });

  test('refreshes the session when the stream ends with its token, and comes back without a pause', async () => {
    const { link, bodies, calls } = gateway([() => new Response(`${next('p1')}event: complete\ndata:\n\n`)]);
    const { stream } = follow(link);
    await vi.waitFor(() => expect(bodies).toEqual(['none', 'p1']));
    expect(calls).toEqual({ refreshed: 1, pauses: [] });
    stream.close();
  });

  test('refreshes once on 401', async () => {
    const { link, bodies, calls } = gateway([() => new Response('', { status: 401 })]);
    const { stream } = follow(link);
    await vi.waitFor(() => expect(bodies).toHaveLength(2));
    expect(calls.refreshed).toBe(1);
    stream.close();
  });

  test('waits longer each time nobody answers', async () => {
    const { link, bodies, calls } = gateway([503, 503, 503].map((status) => () => new Response('', { status })));
    const { stream } = follow(link);
    await vi.waitFor(() => expect(bodies).toHaveLength(4));
    expect(calls.pauses).toEqual([250, 500, 1000]);
    stream.close();
  });

  test('a network that is lost is noticed at once, and not by its silence', async () => {
    const { link, bodies, cuts } = gateway([]);
    const { stream, states } = follow(link);
    await vi.waitFor(() => expect(cuts.size).toBe(1));
    for (const cut of cuts) cut();
    await vi.waitFor(() => expect(bodies).toHaveLength(2));
    expect(states).toContain('down');
    expect(cuts.size).toBe(1);
    stream.close();
  });

  test('a link without a byte is dead after the watchdog', async () => {
    const { link, bodies } = gateway([]);
    const stream = openStream({ link, body: () => 'x', onPayload: () => undefined, watchdogMs: 10 });
    await vi.waitFor(() => expect(bodies.length).toBeGreaterThan(1));
    stream.close();
  });
});

describe('requests over time, by a clock that is turned by hand', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const refused = () => new Response('', { status: 401 });
  const cut = () => new Response('');
  const ended = () => new Response('event: complete\ndata:\n\n');

  /** Each answer takes 5 ms. Whether a refresh works, and whether it shows that the session is over, is up to the test. */
  function watched(answer: () => Response, isRefreshed: boolean, session = { isOver: false }) {
    const sent: number[] = [];
    const calls = { refreshed: 0 };
    let hasSignedIn = (): void => undefined;
    const link: Link = {
      now: () => Date.now(),
      random: () => 0,
      onCut: () => () => undefined,
      pause: (ms) => after(ms, undefined),
      refresh: () => {
        calls.refreshed += 1;
        return after(5, isRefreshed);
      },
      signedIn: () =>
        session.isOver ? new Promise((resolve) => (hasSignedIn = () => resolve(true))) : Promise.resolve(false),
      open: () => {
        sent.push(Date.now());
        return after(5, undefined).then(answer);
      },
    };
    const stream = openStream({ link, body: () => '', onPayload: () => undefined });
    return {
      stream,
      sent,
      calls,
      signIn: () => {
        session.isOver = false;
        hasSignedIn();
      },
    };
  }
  const after = <T>(ms: number, value: T): Promise<T> =>
    new Promise((resolve) => {
      setTimeout(() => resolve(value), ms);
    });
  const MINUTE_MS = 60_000;

  test.each<[what: string, answer: () => Response, isRefreshed: boolean]>([
    ['refused, although the session was refreshed', refused, true],
    ['refused, and nothing can be refreshed', refused, false],
    ['ended as soon as it begins, as if by its token', ended, true],
    ['cut as soon as it begins', cut, true],
  ])('a stream that is %s is asked for ever more seldom, and not given up', async (_, answer, isRefreshed) => {
    const { stream, sent } = watched(answer, isRefreshed);
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(sent.length).toBeGreaterThan(3);
    expect(sent.length).toBeLessThanOrEqual(14);
    const soFar = sent.length;
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(sent.length).toBeGreaterThan(soFar);
    expect(sent.length - soFar).toBeLessThanOrEqual(10 * 8);
    stream.close();
  });

  test('once the session is over nothing is sent, and the first request follows upon signing in', async () => {
    const session = { isOver: false };
    let answers = 0;
    const { stream, sent, calls, signIn } = watched(
      () => {
        answers += 1;
        session.isOver = answers === 1;
        return refused();
      },
      false,
      session,
    );
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect({ sent: sent.length, ...calls }).toEqual({ sent: 1, refreshed: 1 });
    signIn();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toHaveLength(2);
    stream.close();
  });
});
