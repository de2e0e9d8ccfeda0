import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { graphql } from './generated/gql.ts';
import type { FindSymbolsQuery } from './generated/graphql.ts';

const FindSymbols = graphql(`
  query FindSymbols($query: String!) {
    searchInstruments(query: $query, first: 8) { nodes { ...InstrumentFields } }
  }
`);

export interface Found {
  symbol: string;
  name: string;
}

const PAUSE_MS = 80;

/** What is called like that. Until there is an answer to just this text, what is known from the one before and fits still. */
export function useSymbolSearch(text: string): readonly Found[] {
  const client = useClient();
  const [found, setFound] = useState<{ query: string; nodes: readonly Found[] }>({ query: '', nodes: [] });
  const query = text.trim();
  useEffect(() => {
    if (query === '') return undefined;
    let isOver = false;
    const ask = async (): Promise<void> => {
      const { data } = await client.query<FindSymbolsQuery>(String(FindSymbols), { query }).toPromise();
      if (!isOver) setFound({ query, nodes: data?.searchInstruments?.nodes ?? [] });
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [client, query]);
  return fitting(found, query);
}

/** Whoever types faster than anybody answers must not get what an earlier text was about. */
export function fitting(found: { query: string; nodes: readonly Found[] }, query: string): readonly Found[] {
  if (found.query === query) return found.nodes;
  const wanted = query.toLowerCase();
  if (wanted === '') return [];
  return found.nodes.filter(
    ({ symbol, name }) => symbol.toLowerCase().startsWith(wanted) || name.toLowerCase().startsWith(wanted),
  );
}
