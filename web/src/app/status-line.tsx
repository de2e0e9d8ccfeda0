import { lazy, Suspense, useEffect, useState } from 'react';
import { useMarketClock } from '../api/market-clock.ts';
import { useSession } from '../api/session.ts';
import { loadedAtLast } from '../api/when-loaded.ts';
import { Live } from '../live/live.tsx';
import { type MarketLink, marketLinkTopic, useMarkedWhenOld } from '../live/market-link.ts';
import { useTopicPart } from '../live/use-topic.ts';
import { marketWords } from '../text/market.ts';
import styles from './status-line.module.css';

const KeyHints = lazy(async () => ({ default: (await loadedAtLast(() => import('./key-hints.tsx'))).KeyHints }));

/** Whether what one sees is of now, and what the market is doing. */
export function StatusLine() {
  const session = useSession();
  const link = useTopicPart(marketLinkTopic, (known) => known?.state);
  const downSinceMs = useTopicPart(marketLinkTopic, (known) => known?.downSinceMs);
  const isTimed = useTopicPart(marketLinkTopic, (known) => known?.tickToPageMs !== undefined);
  const isOld = useMarkedWhenOld();
  const { clock } = useMarketClock(session === 'signedIn');
  const state = isOld || link === 'down' ? 'down' : (link ?? 'idle');
  return (
    <footer className={styles.line} data-state={state}>
      <span className={styles.link} data-state={state}>
        {linkWords[state]}
        {state === 'down' && downSinceMs !== undefined && <Age sinceMs={downSinceMs} />}
      </span>
      {isTimed && state === 'live' && <Live className={styles.tick} topic={marketLinkTopic} read={tickWords} />}
      {clock != null && <span>{marketWords(clock)}</span>}
      <span className={styles.gap} />
      <span className={styles.hints}>
        <Suspense>
          <KeyHints />
        </Suspense>
      </span>
    </footer>
  );
}

const linkWords = {
  live: 'Live',
  connecting: 'Connecting…',
  down: 'Offline: prices are old',
  idle: 'No live prices here',
};
const tickWords = ({ tickToPageMs }: MarketLink): string => `Tick to page ${tickToPageMs} ms`;

/** How old what one sees has become meanwhile. */
function Age({ sinceMs }: { sinceMs: number }) {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1000));
  return <span> by {seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`}</span>;
}
