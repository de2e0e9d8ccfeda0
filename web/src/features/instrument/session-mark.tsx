import { useEffect } from 'react';
import { useMarketClock } from '../../api/market-clock.ts';
import { bookTopic } from '../../live/market-feed.ts';
import { useTopicPart } from '../../live/use-topic.ts';
import { inZone, timeOrDay } from '../../ui/time.ts';
import styles from './instrument.module.css';
import { isBehind, sessionOf, sessionWords } from './session.ts';

/** Whether it trades now, and until when. */
export function SessionMark({ symbol, halted }: { symbol: string; halted: boolean }) {
  const session = useTopicPart(bookTopic(symbol), (book) => book?.session);
  const { clock: known, reload } = useMarketClock(true);
  const clock = known ?? undefined;
  const isClockBehind = isBehind(clock, session);
  useEffect(() => {
    if (isClockBehind) reload();
  }, [isClockBehind, session, reload]);
  const now = sessionOf({ session, halted }, clock);
  return (
    <span className={styles.session} data-session={now?.session}>
      {now === undefined ? '–' : sessionWords[now.session]}
      {now?.until != null && clock !== undefined && (
        <>
          {' '}
          until{' '}
          <time dateTime={now.until} title={inZone(now.until, clock.timeZone)}>
            {timeOrDay(now.until, clock.now)}
          </time>
        </>
      )}
    </span>
  );
}
