import { onSessionChange, post, refreshSession, sessionState } from '../api/session.ts';

/** What a stream needs of the world; a test gives it functions of its own. */
export interface StreamLink {
  open: (body: string, signal: AbortSignal) => Promise<Response>;
  /** One that was refreshed since `needSinceMs`, here or in another tab, need not be refreshed again. */
  refresh: (needSinceMs: number) => Promise<boolean>;
  /** Waits while it is known that nobody is signed in; whether it had to. */
  signedIn: (closed: AbortSignal) => Promise<boolean>;
  pause: (ms: number, closed: AbortSignal) => Promise<void>;
  /**
   * Calls when the machine has lost its network, where a stream that says nothing would be noticed by its silence alone, and when the
   * session is over.
   */
  onCut: (cut: () => void) => () => void;
  now: () => number;
  random: () => number;
}

export const gatewayLink: StreamLink = {
  open: (body, signal) => post('/graphql', body, { signal, accept: 'text/event-stream' }),
  refresh: refreshSession,
  signedIn: (closed) => {
    if (sessionState() !== 'signedOut') return Promise.resolve(false);
    return new Promise((resolve) => {
      const look = (): void => {
        if (sessionState() === 'signedOut' && !closed.aborted) return;
        leave();
        resolve(true);
      };
      const leave = onSessionChange(look);
      closed.addEventListener('abort', look, { once: true });
    });
  },
  pause: (ms, closed) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        leave();
        window.removeEventListener('online', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      // What it waits for is different when somebody has signed in, or out.
      const leave = onSessionChange(done);
      window.addEventListener('online', done, { once: true });
      closed.addEventListener('abort', done, { once: true });
    }),
  onCut: (cut) => {
    const leave = onSessionChange(() => {
      if (sessionState() === 'signedOut') cut();
    });
    window.addEventListener('offline', cut);
    return () => {
      leave();
      window.removeEventListener('offline', cut);
    };
  },
  now: Date.now,
  random: Math.random,
};
