import { useState } from 'react';
import { useData } from '../../api/use-data.ts';
import { Block, Section } from '../../ui/block.tsx';
import { inZone, weekday } from '../../ui/time.ts';
import { Calendar } from './documents.ts';
import styles from './market.module.css';

const DAYS = 7;
const DAY_MS = 86_400_000;

/** When one can trade in the days that come, in the market's own time. */
export function CalendarSection() {
  const [from] = useState(() => new Date());
  const [fromDate, toDate] = [from, new Date(from.getTime() + DAYS * DAY_MS)].map((date) =>
    date.toISOString().slice(0, 10),
  );
  const { data, isLoading, error, reload } = useData(Calendar, { fromDate: fromDate ?? '', toDate: toDate ?? '' });
  const zone = data?.marketClock?.timeZone ?? 'UTC';
  return (
    <Section title="Calendar">
      <Block
        data={data?.marketCalendar}
        isLoading={isLoading}
        error={error}
        reload={reload}
        what="The calendar"
        isEmpty={({ days, holidays }) => days.length + holidays.length === 0}
        empty="The market stays closed this week."
      >
        {({ days, holidays }) =>
          data?.marketClock?.alwaysOpen === true ? (
            <p className={styles.note}>This market never closes.</p>
          ) : (
            <ul className={styles.days}>
              {[
                ...days.map((day) => ({
                  date: day.date,
                  words: `${inZone(day.opensAt, zone)} to ${inZone(day.closesAt, zone)}${day.earlyClose ? ', closes early' : ''}`,
                })),
                ...holidays.map(({ date, name }) => ({ date, words: `closed: ${name}` })),
              ]
                .toSorted((left, right) => left.date.localeCompare(right.date))
                .map(({ date, words }) => (
                  <li key={date}>
                    <time dateTime={date}>{weekday(date)}</time>
                    <span>{words}</span>
                  </li>
                ))}
            </ul>
          )
        }
      </Block>
    </Section>
  );
}
