import { post, refreshSession } from '../api/session.ts';

/** What a stream needs of the world; a test gives it functions of its own. */
export interface StreamLink {
  open: (body: string, signal: AbortSignal) => Promise<Response>;
  refresh: () => Promise<boolean>;
  pause: (ms: number, closed: AbortSignal) => Promise<void>;
  random: () => number;
}

export const gatewayLink: StreamLink = {
  open: (body, signal) => post('/graphql', body, { signal, accept: 'text/event-stream' }),
  // One that was refreshed a moment ago, here or in another tab, need not be refreshed again.
  refresh: () => refreshSession(Date.now() - 60_000),
  pause: (ms, closed) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        window.removeEventListener('online', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      window.addEventListener('online', done, { once: true });
      closed.addEventListener('abort', done, { once: true });
    }),
  random: Math.random,
};
