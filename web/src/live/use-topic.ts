import { useMemo, useSyncExternalStore } from 'react';
import type { Topic } from './topics.ts';

/** For what draws: the value itself, at the topic's pace. */
export function useTopic<T>(topic: Topic<T>): T | undefined {
  return useSyncExternalStore(topic.subscribe, () => topic.value);
}

/** Draws anew when a part of the value differs, and not with every tick. */
export function useTopicPart<T, Part extends string | number | boolean | undefined>(
  topic: Topic<T>,
  part: (value: T | undefined) => Part,
): Part {
  return useSyncExternalStore(topic.subscribe, () => part(topic.value));
}

/** The same, drawn anew at most once in so long for what the topic brings; the newest is never left out, only late. */
export function useTopicAtPace<T, Part extends string | undefined>(
  topic: Topic<T>,
  paceMs: number,
  part: (value: T | undefined) => Part,
): Part {
  const subscribe = useMemo(() => atPace(topic, paceMs), [topic, paceMs]);
  return useSyncExternalStore(subscribe, () => part(topic.value));
}

function atPace<T>(topic: Topic<T>, paceMs: number): (listener: () => void) => () => void {
  return (listener) => {
    let toldAt = Number.NEGATIVE_INFINITY;
    let planned: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      planned = undefined;
      toldAt = performance.now();
      listener();
    };
    const stop = topic.subscribe(() => {
      planned ??= setTimeout(tell, Math.max(0, toldAt + paceMs - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(planned);
    };
  };
}
