import { useEffect, useState } from 'react';
import { graphql } from '../../api/generated/gql.ts';
import { post } from '../../api/session.ts';
import { useTopic } from '../../live/live.tsx';
import { marketLinkTopic } from '../../live/market-feed.ts';
import { Facts, Page, Section } from '../../ui/block.tsx';

const Health = graphql(`
  query Health {
    health
  }
`);

const EVERY_MS = 5000;

/** Readable by anybody, also when nothing else works: it asks the gateway by itself. */
export function StatusPage() {
  const [answer, setAnswer] = useState<{ words: string; ms: number | undefined }>({ words: 'Asking…', ms: undefined });
  const link = useTopic(marketLinkTopic);
  useEffect(() => {
    const ask = async (): Promise<void> => {
      const startedAt = performance.now();
      try {
        const response = await post('/graphql', JSON.stringify({ query: String(Health) }));
        setAnswer({
          words: response.ok ? 'Answers' : `Answers with an error (${response.status})`,
          ms: performance.now() - startedAt,
        });
      } catch {
        setAnswer({ words: 'Does not answer', ms: undefined });
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Page title="System status">
      <Section title="From here">
        <Facts
          facts={[
            ['Gateway', answer.words],
            ['There and back', answer.ms === undefined ? '–' : `${Math.round(answer.ms)} ms`],
            ['Live prices', link?.state ?? 'not open'],
            ['Tick to page', link?.tickToPageMs === undefined ? '–' : `${link.tickToPageMs} ms`],
          ]}
        />
      </Section>
    </Page>
  );
}
