import { useEffect, useState } from 'react';
import { servedBuild } from '../../api/build.ts';
import { graphql } from '../../api/generated/gql.ts';
import type { HealthQuery } from '../../api/generated/graphql.ts';
import { post } from '../../api/session.ts';
import { marketLinkTopic } from '../../live/market-link.ts';
import { useTopic } from '../../live/use-topic.ts';
import { marketWords } from '../../text/market.ts';
import { Empty, Facts, Notice, Page, Section } from '../../ui/block.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { NONE, quantity } from '../../ui/number.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { clockTime, inZone } from '../../ui/time.ts';

const Health = graphql(`
  query Health {
    status {
      checkedAt
      services { name state latencyMs }
      streams { name messages lag }
      marketClock { now state nextOpen nextClose alwaysOpen timeZone }
    }
  }
`);

type Status = NonNullable<HealthQuery['status']>;
const EVERY_MS = 5000;

interface Look {
  words: string;
  ms: number | undefined;
  status: Status | undefined;
}

/** Readable by anybody, also when nothing else works: it asks the gateway by itself. */
export function StatusPage() {
  const [{ words, ms, status }, setLook] = useState<Look>({ words: ASKING, ms: undefined, status: undefined });
  const [build, setBuild] = useState<string | undefined>();
  const link = useTopic(marketLinkTopic);
  useEffect(() => {
    const ask = async (): Promise<void> => setLook(await look());
    void ask();
    void servedBuild().then(setBuild);
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const clock = status?.marketClock;
  const down = (status?.services ?? []).filter(({ state }) => state === 'DOWN');
  return (
    <Page title="System status">
      {status === undefined ? (
        <Notice>{wordsOf(words, ms)}</Notice>
      ) : (
        <Notice tone={down.length === 0 ? 'good' : 'warn'}>
          {down.length === 0 ? 'Everything works.' : `Not working: ${down.map(({ name }) => name).join(', ')}.`}
        </Notice>
      )}
      <Section title="From here">
        <Facts
          facts={[
            ['Gateway', words],
            ['There and back', ms === undefined ? '–' : `${Math.round(ms)} ms`],
            ['Market', clock == null ? '–' : marketWords(clock)],
            ['Market’s time', clock == null ? '–' : inZone(clock.now, clock.timeZone)],
            ['Live prices', link?.state ?? 'not open'],
            ['Tick to page', link?.tickToPageMs === undefined ? '–' : `${link.tickToPageMs} ms`],
            ['Version of the page', build ?? '–'],
          ]}
        />
      </Section>
      <Section title={status === undefined ? 'Services' : `Services, seen at ${clockTime(status.checkedAt)}`}>
        {status === undefined ? (
          <Empty>{ms === undefined ? 'Nobody has told yet.' : 'The gateway does not know at the moment.'}</Empty>
        ) : (
          <Grid label="Services" columns={serviceColumns} rows={status.services} keyOf={({ name }) => name} />
        )}
      </Section>
      <Section title="Streams">
        {status === undefined || status.streams.length === 0 ? (
          <Empty>Nothing is known of the streams.</Empty>
        ) : (
          <Grid label="Streams" columns={streamColumns} rows={status.streams} keyOf={({ name }) => name} />
        )}
      </Section>
    </Page>
  );
}

const ASKING = 'Asking…';

function wordsOf(words: string, ms: number | undefined): string {
  if (words === ASKING) return ASKING;
  return ms === undefined ? 'The gateway does not answer.' : 'The gateway does not know at the moment.';
}

async function look(): Promise<Look> {
  const startedAt = performance.now();
  try {
    const response = await post('/graphql', JSON.stringify({ query: String(Health) }));
    const ms = performance.now() - startedAt;
    const { data } = (await response.json()) as { data?: HealthQuery | null };
    return {
      words: response.ok ? 'Answers' : `Answers with an error (${response.status})`,
      ms,
      status: data?.status ?? undefined,
    };
  } catch {
    return { words: 'Does not answer', ms: undefined, status: undefined };
  }
}

const serviceColumns: Column<Status['services'][number]>[] = [
  { key: 'name', title: 'Service', phone: 'start', cell: ({ name }) => name },
  {
    key: 'state',
    title: 'State',
    phone: 'end',
    cell: ({ state }) => (
      <StateMark look={state === 'UP' ? 'full' : 'refused'}>{state === 'UP' ? 'Works' : 'Does not answer'}</StateMark>
    ),
  },
  { key: 'latency', title: 'Answers in', align: 'end', phone: 'end-2', cell: ({ latencyMs }) => `${latencyMs} ms` },
];

const streamColumns: Column<Status['streams'][number]>[] = [
  { key: 'name', title: 'Stream', phone: 'start', cell: ({ name }) => name },
  {
    key: 'messages',
    title: 'Messages',
    align: 'end',
    phone: 'end-2',
    cell: ({ messages }) => quantity(String(messages)),
  },
  {
    key: 'lag',
    title: 'Waiting to be read',
    align: 'end',
    phone: 'end',
    cell: ({ lag }) => (lag === null ? NONE : quantity(String(lag))),
  },
];
