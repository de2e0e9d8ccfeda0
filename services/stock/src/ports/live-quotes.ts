import { liveSubjects } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import { subscribeLive } from '@andvari/kit/nats/subscribe-live';
import type { Scope } from '@andvari/kit/process/scope';

/** Quotes on core NATS: whoever listens has the latest, and nobody keeps them. */
export function sendLive(nats: Nats, symbol: string, payload: Uint8Array): void {
  if (!nats.session().aborted) nats.connection.publish(liveSubjects.quote(symbol), payload);
}

/** Those that any replica sends out. */
export function hearLive(scope: Scope, nats: Nats, heard: (payload: Uint8Array) => void): void {
  subscribeLive(scope, nats, liveSubjects.quote(), ({ payload }) => heard(payload), { maxWaiting: 100_000 });
}

/** Longer than those take who repeat it. */
const WATCHED_FOR_MS = 12_000;

/** Whether somebody watches what moves, as whoever serves them says from time to time. */
export function hearWatched(scope: Scope, nats: Nats): () => boolean {
  let untilMs = 0;
  subscribeLive(scope, nats, liveSubjects.watched(), () => {
    untilMs = performance.now() + WATCHED_FOR_MS;
  });
  return () => performance.now() < untilMs;
}
