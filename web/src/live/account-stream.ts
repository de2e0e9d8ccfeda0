import type { SubscriptionForwarder } from '@urql/core';
import { connectionIsBack } from '../api/connection.ts';
import type { AccountEventsSubscription } from '../api/generated/graphql.ts';
import { openStream, type Payload, type Stream } from './event-stream.ts';

export type AccountEvent = AccountEventsSubscription['account'];

/**
 * The account's events, led by one tab: it holds the stream and tells the others. When it closes, the next one takes over from
 * the position that it has heard last.
 */
export const accountEvents: SubscriptionForwarder = ({ query, variables }) => ({
  subscribe: (sink) => {
    const accountId = String(variables?.['accountId']);
    const name = `andvari-account-${accountId}`;
    const channel = new BroadcastChannel(name);
    const leaving = new AbortController();
    let position: string | undefined;

    const take = (payload: Payload): void => {
      const event = payload.data?.['account'] as AccountEvent | undefined;
      if (event === undefined) return;
      if (event.__typename === 'Missed') position = event.since;
      else if ('position' in event) position = event.position;
      for (const listener of listeners) listener(event);
      sink.next(payload);
    };
    channel.addEventListener('message', ({ data }: MessageEvent<Payload>) => take(data));

    const lead = (): Promise<void> =>
      new Promise((resolve) => {
        const stream: Stream = openStream({
          body: () => JSON.stringify({ query, variables: { ...variables, since: position ?? null } }),
          onPayload: (payload) => {
            take(payload);
            channel.postMessage(payload);
          },
          onReturn: connectionIsBack,
        });
        leaving.signal.addEventListener('abort', () => {
          stream.close();
          resolve();
        });
      });
    if ('locks' in navigator) {
      navigator.locks.request(name, { signal: leaving.signal }, lead).catch(() => undefined);
    } else void lead();

    return {
      unsubscribe: () => {
        leaving.abort();
        channel.close();
      },
    };
  },
});

const listeners = new Set<(event: AccountEvent) => void>();

/** For whoever says aloud what has happened. */
export function onAccountEvent(listener: (event: AccountEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
