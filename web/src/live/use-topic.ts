import { useSyncExternalStore } from 'react';
import type { Topic } from './topics.ts';

/** For what draws: the value itself, at the topic's pace. */
export function useTopic<T>(topic: Topic<T>): T | undefined {
  return useSyncExternalStore(topic.subscribe, () => topic.value);
}
