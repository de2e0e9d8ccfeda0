import type { Clients } from '../clients.ts';
import type { Viewer } from '../identity/viewer.ts';
import type { Feeds } from '../live/feeds.ts';

/** What a resolver sees of the request it works for. */
export interface GatewayContext {
  readonly viewer: Viewer;
  readonly clients: Clients;
  readonly feeds: Feeds;
  /** Aborts when nobody waits for the answer any more; a stream ends by it. Made for those who ask: most do not. */
  readonly signal: () => AbortSignal;
  /** The position that a browser says it saw last, when it comes back to a stream by itself. */
  readonly lastEventId?: string;
}
