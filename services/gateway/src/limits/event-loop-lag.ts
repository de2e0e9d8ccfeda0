import type { Scope } from '@andvari/kit/process/scope';

const TICK_MS = 20;
const WINDOW_MS = 250;
/** So long after the last question nobody is there to be turned away, and an idle process is not woken. */
const WATCH_FOR_MS = 5000;

/**
 * Whether this process is behind with its work: how late its own ticks are, on average over a window. Two windows in a
 * row must say so: a single long pause is over by the time anybody could be turned away for it. Node's own histogram of
 * delays leaves out the first one after each reset, which is the only one in a window when they are at their longest.
 * It watches while it is asked: what a gateway is behind with are requests, and each of them asks.
 */
export function watchEventLoop(scope: Scope, maxLagMs: number): { isBehind: () => boolean } {
  let lateWindows = 0;
  let windowAt = 0;
  let ticks = 0;
  let askedAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const tick = (): void => {
    const tickAt = performance.now();
    ticks += 1;
    if (tickAt - windowAt < WINDOW_MS) return;
    const lagMs = (tickAt - windowAt) / ticks - TICK_MS;
    lateWindows = lagMs > maxLagMs ? lateWindows + 1 : 0;
    windowAt = tickAt;
    ticks = 0;
    if (lateWindows === 0 && tickAt - askedAt > WATCH_FOR_MS) stop();
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  scope.defer('event loop watch', stop);
  return {
    isBehind() {
      askedAt = performance.now();
      if (timer === undefined && !scope.signal.aborted) {
        windowAt = askedAt;
        ticks = 0;
        timer = setInterval(tick, TICK_MS).unref();
      }
      return lateWindows >= 2;
    },
  };
}
