import type { Scope } from '@andvari/kit/run';
import type { App } from './app.ts';

const EVERY_MS = 10 * 60_000;

/** Deletes what is over, batch by batch. Several instances may do so at once: a row is deleted once. */
export function startSweeper(scope: Scope, app: Pick<App, 'sweep'>): void {
  let sweeping: Promise<void> | undefined;
  const sweepAll = async (): Promise<void> => {
    try {
      while (!scope.signal.aborted && (await app.sweep()) > 0);
    } catch (error) {
      if (!scope.signal.aborted) scope.log.warn({ err: error }, 'sweeping failed; it is tried again later');
    } finally {
      sweeping = undefined;
    }
  };
  const timer = setInterval(() => {
    sweeping ??= sweepAll();
  }, EVERY_MS);
  timer.unref();
  scope.defer('sweeper', async () => {
    clearInterval(timer);
    await sweeping;
  });
}
