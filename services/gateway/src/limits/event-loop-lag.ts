import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Scope } from '@andvari/kit/run';

const WINDOW_MS = 250;
const RESOLUTION_MS = 10;

/**
 * Whether this process is behind with its work. Two windows in a row must say so: a single long pause is over by the
 * time anybody could be turned away for it.
 */
export function watchEventLoop(
  scope: Scope,
  maxLagMs: number,
): {
  isBehind: () => boolean;
  lagMs: () => number;
} {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let lagMs = 0;
  let lateWindows = 0;
  const timer = setInterval(() => {
    lagMs = delays.count === 0 ? 0 : Math.max(0, delays.mean / 1e6 - RESOLUTION_MS);
    delays.reset();
    lateWindows = lagMs > maxLagMs ? lateWindows + 1 : 0;
  }, WINDOW_MS).unref();
  scope.defer('event loop watch', () => {
    clearInterval(timer);
    delays.disable();
  });
  return { isBehind: () => lateWindows >= 2, lagMs: () => lagMs };
}
