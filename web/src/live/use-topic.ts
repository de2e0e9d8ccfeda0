import { useSyncExternalStore } from 'react';
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
