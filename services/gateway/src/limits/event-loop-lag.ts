import type { Scope } from '@andvari/kit/process/scope';

const TICK_MS = 20;
const WINDOW_MS = 250;

/**
 * Whether this process is behind with its work: how late its own ticks are, on average over a window. Two windows in a
 * row must say so: a single long pause is over by the time anybody could be turned away for it. Node's own histogram of
 * delays leaves out the first one after each reset, which is the only one in a window when they are at their longest.
 */
export function watchEventLoop(scope: Scope, maxLagMs: number): { isBehind: () => boolean } {
  let lateWindows = 0;
  let windowAt = performance.now();
  let ticks = 0;
  const timer = setInterval(() => {
    const tickAt = performance.now();
    ticks += 1;
    if (tickAt - windowAt < WINDOW_MS) return;
    const lagMs = (tickAt - windowAt) / ticks - TICK_MS;
    lateWindows = lagMs > maxLagMs ? lateWindows + 1 : 0;
    windowAt = tickAt;
    ticks = 0;
  }, TICK_MS).unref();
  scope.defer('event loop watch', () => clearInterval(timer));
  return { isBehind: () => lateWindows >= 2 };
}
