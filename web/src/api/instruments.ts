import { useMemo } from 'react';
import { graphql } from './generated/gql.ts';
import type { KnownInstrumentsQuery } from './generated/graphql.ts';
import { type Loaded, useData } from './use-data.ts';

export type KnownInstrument = NonNullable<KnownInstrumentsQuery['instruments']>['nodes'][number];

const KnownInstruments = graphql(`
  query KnownInstruments($after: String) {
    instruments(first: 100, after: $after) {
      nodes { ...InstrumentFields }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** By symbol, the first two hundred: a name is known whatever letter it begins with. What is beyond is found by searching. */
export function useInstruments(): Loaded<KnownInstrumentsQuery> & { known: ReadonlyMap<string, KnownInstrument> } {
  const first = useData(KnownInstruments, { after: null });
  const page = first.data?.instruments;
  const more = useData(
    KnownInstruments,
    { after: page?.pageInfo.endCursor ?? null },
    { pause: page?.pageInfo.hasNextPage !== true },
  );
  const rest = more.data?.instruments;
  const known = useMemo(
    () => new Map([...(page?.nodes ?? []), ...(rest?.nodes ?? [])].map((each) => [each.symbol, each])),
    [page, rest],
  );
  return { ...first, known };
}
