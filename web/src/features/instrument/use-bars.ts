import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { type Client, useClient } from 'urql';
import { keepTrying } from '../../api/connection.ts';
import type { BarsQuery } from '../../api/generated/graphql.ts';
import { onMarketGap, quoteTopic } from '../../live/market-feed.ts';
import { type AskBars, type BarFeed, type BarState, createBarFeed } from './bar-feed.ts';
import { Bars } from './documents.ts';
import type { ChartFrame } from './timeframes.ts';

/** The bars of a symbol in a timeframe for as long as they are looked at, and how it stands with them. */
export function useBars(symbol: string, frame: ChartFrame): { feed: BarFeed; state: BarState } {
  const client = useClient();
  const feed = useMemo(
    () =>
      createBarFeed({
        frame,
        ask: askOf(client, symbol, frame),
        keepTrying,
        nowSeconds,
        later,
      }),
    [client, symbol, frame],
  );
  useEffect(() => {
    const topic = quoteTopic(symbol);
    const leaves = [
      feed.open(),
      onMarketGap(feed.readNewest),
      topic.subscribe(() => {
        if (topic.value !== undefined) feed.tick(topic.value.last, Date.parse(topic.value.asOf) / 1000);
      }),
    ];
    return () => {
      for (const leave of leaves) leave();
    };
  }, [feed, symbol]);
  return { feed, state: useSyncExternalStore(feed.subscribe, () => feed.state) };
}

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const later = (work: () => void, ms: number): void => void setTimeout(work, ms);

const askOf =
  (client: Client, symbol: string, { timeframe }: ChartFrame): AskBars =>
  async ({ fromSeconds, first, after }) => {
    const { data } = await client
      .query<BarsQuery>(
        String(Bars),
        { symbol, timeframe, from: isoOf(fromSeconds), to: null, first, after },
        { requestPolicy: 'network-only' },
      )
      .toPromise();
    return data?.bars == null ? undefined : pageOf(data.bars);
  };

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

function pageOf({ times, open, high, low, close, volume, endCursor, hasNextPage }: NonNullable<BarsQuery['bars']>) {
  return {
    bars: times.map((time, at) => ({
      time,
      open: open[at] ?? '0',
      high: high[at] ?? '0',
      low: low[at] ?? '0',
      close: close[at] ?? '0',
      volume: volume[at] ?? '0',
    })),
    cursor: hasNextPage ? endCursor : null,
  };
}
