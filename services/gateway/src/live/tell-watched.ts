import { liveSubjects } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import type { Scope } from '@andvari/kit/process/scope';

/** Whoever sends prices believes it for twice as long. */
const TELL_EVERY_MS = 5000;

export interface Watching {
  /** Somebody watches, until they leave. */
  join(): () => void;
}

/** Tells those who send what moves that somebody watches it: they send it in finer portions then. */
export function tellWatched(scope: Scope, nats: Nats): Watching {
  let watchers = 0;
  let timer: NodeJS.Timeout | undefined;
  let toldAt = -TELL_EVERY_MS;
  const tell = (): void => {
    toldAt = performance.now();
    if (!nats.session().aborted) nats.connection.publish(liveSubjects.watched());
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  scope.defer('telling that somebody watches', stop);
  return {
    join() {
      watchers += 1;
      if (performance.now() - toldAt > TELL_EVERY_MS / 2) tell();
      if (!scope.signal.aborted) timer ??= setInterval(tell, TELL_EVERY_MS);
      return () => {
        watchers -= 1;
        if (watchers === 0) stop();
      };
    },
  };
}
