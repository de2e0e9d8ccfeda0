import { useEffect } from 'react';
import { graphql } from './generated/gql.ts';
import { useData } from './use-data.ts';

const Clock = graphql(`
  query Clock {
    marketClock { now state nextOpen nextClose alwaysOpen timeZone }
  }
`);

const LONGEST_MS = 15 * 60_000;
const cacheFirst = { requestPolicy: 'cache-first' as const };

/** Where the market is in its day, read again as soon as that is to change: nobody tells a page that shows no prices. */
export function useMarketClock(isSignedIn: boolean) {
  const { data, reload } = useData(Clock, {}, { pause: !isSignedIn, context: cacheFirst });
  const clock = data?.marketClock;
  useEffect(() => {
    if (clock == null || clock.alwaysOpen) return undefined;
    const waits = [clock.nextOpen, clock.nextClose].map((at) => Date.parse(at ?? '') - Date.parse(clock.now));
    // A second later it has changed everywhere; a clock that goes faster than ours is looked at now and then.
    const waitMs = Math.min(LONGEST_MS, ...waits.filter((ms) => ms > 0)) + 1000;
    const timer = setTimeout(reload, waitMs);
    return () => clearTimeout(timer);
  }, [clock, reload]);
  return { clock, reload };
}
