import { post, refreshSession } from '../api/session.ts';

/** What a stream needs of the world; a test gives it functions of its own. */
export interface StreamLink {
  open: (body: string, signal: AbortSignal) => Promise<Response>;
  refresh: () => Promise<boolean>;
  pause: (ms: number, closed: AbortSignal) => Promise<void>;
  /** Calls when the machine has lost its network: a stream that says nothing would be noticed by its silence alone. */
  onCut: (cut: () => void) => () => void;
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
  onCut: (cut) => {
    window.addEventListener('offline', cut);
    return () => window.removeEventListener('offline', cut);
  },
  random: Math.random,
};
