import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { gatewayFetch } from '../../src/api/client.ts';
import { keepTrying } from '../../src/api/connection.ts';
import { sessionState, setSession } from '../../src/api/session.ts';
import { useMayPoll } from '../../src/api/use-data.ts';
import { openStream } from '../../src/live/event-stream.ts';

/** What becomes of a page whose session ended while it was open: in another tab, on another machine, by the operator. */
let sent: string[] = [];
let stream: { close: () => void } | undefined;

beforeEach(() => {
  sent = [];
  vi.stubGlobal('fetch', (path: string) => {
    sent.push(path);
    return Promise.resolve(new Response('{}', { status: 401 }));
  });
});
afterEach(() => {
  stream?.close();
  stream = undefined;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const sentTo = (path: string): number => sent.filter((each) => each === path).length;

test('a stream that is refused asks once whether the session is over, and then sends nothing until somebody signs in', async () => {
  setSession('signedIn');
  localStorage.setItem('andvari.refreshedAt', String(Date.now()));
  vi.useFakeTimers();
  stream = openStream({ body: () => '', onPayload: () => undefined });
  await expect.poll(() => sentTo('/auth/refresh')).toBe(1);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect({ streams: sentTo('/graphql'), refreshes: sentTo('/auth/refresh') }).toEqual({ streams: 1, refreshes: 1 });

  new BroadcastChannel('andvari-session').postMessage('signedIn');
  await expect.poll(() => sentTo('/graphql')).toBe(2);
});

describe('whoever asks as nobody', () => {
  const stranger = (more: Record<string, string>) => (path: string) => {
    sent.push(path);
    const body = { errors: [{ message: 'sign in first', extensions: { code: 'UNAUTHENTICATED' } }] };
    return Promise.resolve(new Response(JSON.stringify(body), { headers: more }));
  };

  test('is a stranger without another question where the gateway saw nothing to refresh', async () => {
    setSession('signedIn');
    vi.stubGlobal('fetch', stranger({ 'x-andvari-session': 'none' }));
    await gatewayFetch('/graphql', { body: '{}' });
    expect({ sent, state: sessionState() }).toEqual({ sent: ['/graphql'], state: 'signedOut' });
  });

  test('asks for a refresh where it says nothing of the kind', async () => {
    setSession('signedIn');
    localStorage.removeItem('andvari.refreshedAt');
    vi.stubGlobal('fetch', stranger({}));
    await gatewayFetch('/graphql', { body: '{}' });
    expect(sentTo('/auth/refresh')).toBe(1);
  });

  test('asks again where somebody has signed in since', async () => {
    setSession('signedIn');
    localStorage.setItem('andvari.refreshedAt', String(Date.now() + 60_000));
    vi.stubGlobal('fetch', stranger({ 'x-andvari-session': 'none' }));
    await gatewayFetch('/graphql', { body: '{}' });
    expect({ sent, state: sessionState() }).toEqual({ sent: ['/graphql', '/graphql'], state: 'signedIn' });
  });
});

test('one that speaks is closed when the session ends in another tab', async () => {
  setSession('signedIn');
  const signals: AbortSignal[] = [];
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return Promise.resolve(
      new Response(new ReadableStream({ start: (into) => into.enqueue(new Uint8Array([58, 10])) })),
    );
  });
  stream = openStream({ body: () => '', onPayload: () => undefined });
  await expect.poll(() => signals.length).toBe(1);
  new BroadcastChannel('andvari-session').postMessage('signedOut');
  await expect.poll(() => signals[0]?.aborted).toBe(true);
});

test('what is asked for again and again waits for somebody who is signed in', async () => {
  setSession('signedOut');
  vi.useFakeTimers();
  let asked = 0;
  const leave = keepTrying(() => (asked += 1));
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toBe(0);
  setSession('signedIn');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBeGreaterThan(0);
  leave();
});

test('what is polled rests while nobody is signed in', async () => {
  setSession('signedIn');
  const Poll = () => <p>{useMayPoll() ? 'asks' : 'rests'}</p>;
  const screen = await render(<Poll />);
  await expect.element(screen.getByText('asks')).toBeVisible();
  setSession('signedOut');
  await expect.element(screen.getByText('rests')).toBeVisible();
});
