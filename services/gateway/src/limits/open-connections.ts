import { AppError } from '@andvari/kit/base/errors';
import type { Viewer } from '../identity/viewer.ts';
import type { GatewayMetrics } from '../metrics.ts';

/** How many event streams and sockets are open, by user and by address. */
export interface OpenConnections {
  /** Counts one more, or refuses; the returned function counts it out. */
  take(viewer: Viewer, addressGroup: string): () => void;
}

/** What stays open is limited by number: it costs memory and a place for as long as it likes, whatever it sends. */
export function createOpenConnections(
  limits: { perUser: number; perAddress: number },
  metrics: Pick<GatewayMetrics, 'refusals'>,
): OpenConnections {
  const open = new Map<string, number>();
  const leave = (key: string): void => {
    const left = (open.get(key) ?? 1) - 1;
    if (left === 0) open.delete(key);
    else open.set(key, left);
  };

  return {
    take(viewer, addressGroup) {
      const wanted: [key: string, max: number][] = [[`address ${addressGroup}`, limits.perAddress]];
      if (viewer.kind !== 'anonymous') wanted.push([`user ${viewer.userId}`, limits.perUser]);
      if (wanted.some(([key, max]) => (open.get(key) ?? 0) >= max)) {
        metrics.refusals.inc({ limit: 'connections' });
        throw new AppError('resource_exhausted', 'too many streams and sockets are open', {
          reason: 'too_many_connections',
          numbers: { retry_after_ms: 5000n },
        });
      }
      for (const [key] of wanted) open.set(key, (open.get(key) ?? 0) + 1);
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        for (const [key] of wanted) leave(key);
      };
    },
  };
}
