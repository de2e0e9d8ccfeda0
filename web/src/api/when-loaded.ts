import { keepTrying } from './connection.ts';

/**
 * Begins something with a part of the page that comes later, and ends it. Whoever cannot load the part keeps trying: without it
 * the page would stand there as if nothing happened.
 */
export function whenLoaded<Part>(load: () => Promise<Part>, begin: (part: Part) => () => void): () => void {
  let end: (() => void) | undefined;
  let isOver = false;
  let stopTrying: (() => void) | undefined;
  const attempt = (): void => {
    load().then(
      (part) => {
        stopTrying?.();
        if (!isOver && end === undefined) end = begin(part);
      },
      () => {
        if (!isOver) stopTrying ??= keepTrying(attempt);
      },
    );
  };
  attempt();
  return () => {
    isOver = true;
    stopTrying?.();
    end?.();
  };
}

/** For a part that is drawn: it comes sooner or later. */
export const loadedAtLast = <Part>(load: () => Promise<Part>): Promise<Part> =>
  new Promise((resolve) => {
    whenLoaded(load, (part) => {
      resolve(part);
      return () => undefined;
    });
  });
