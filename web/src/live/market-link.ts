import { useEffect, useState } from 'react';
import type { StreamState } from './event-stream.ts';
import { topics } from './topics.ts';
import { useTopicPart } from './use-topic.ts';

/** How it stands with the prices, for whoever shows none: the stream itself comes with the first page that has some. */
export interface MarketLink {
  state: StreamState;
  /** Since when nothing could be heard; undefined while the link lives. */
  downSinceMs: number | undefined;
  tickToPageMs: number | undefined;
}

export const marketLinkTopic = topics.topic<MarketLink>('market-link');

/** So long after the link was lost, prices count as old. */
export const STALE_AFTER_MS = 5000;

/** Marks the whole page, so that whatever ticks is grey while nobody vouches for it. */
export function useMarkedWhenOld(): boolean {
  const isOld = useIsOld();
  useEffect(() => {
    document.documentElement.dataset['prices'] = isOld ? 'old' : 'fresh';
  }, [isOld]);
  return isOld;
}

/** Whether the link has been down for so long that what is shown is not of now. A new stream that takes a moment is not. */
export function useIsOld(): boolean {
  const downSinceMs = useTopicPart(marketLinkTopic, (link) => link?.downSinceMs);
  const [isOld, setOld] = useState(false);
  useEffect(() => {
    if (downSinceMs === undefined) return undefined;
    const timer = setTimeout(() => setOld(true), downSinceMs + STALE_AFTER_MS - Date.now());
    return () => {
      clearTimeout(timer);
      setOld(false);
    };
  }, [downSinceMs]);
  return isOld;
}
