import { Link, Navigate, useSearch } from '@tanstack/react-router';
import { useInstruments } from '../api/instruments.ts';
import { useData } from '../api/use-data.ts';
import { Block } from '../ui/block.tsx';
import { FirstSymbols } from './documents.ts';

/** For whoever has looked at no symbol yet: the first that they hold, watch, or could. */
export function FirstTradePage() {
  const search = useSearch({ strict: false });
  const own = useData(FirstSymbols, {});
  const { known, ...all } = useInstruments();
  const held = own.data?.accounts?.nodes.flatMap(({ holdings }) => holdings?.nodes ?? []) ?? [];
  const watched = own.data?.watchlists?.nodes.flatMap(({ symbols }) => symbols) ?? [];
  const [first] = [...held.map(({ symbol }) => symbol), ...watched, ...known.keys()];
  const error = own.error ?? all.error;
  return (
    <Block
      data={own.isLoading ? undefined : first}
      isLoading={own.isLoading || all.isLoading}
      error={error}
      reload={own.error === undefined ? all.reload : own.reload}
      what="What can be traded"
      {...(error === undefined ? { empty: <Link to="/">Nothing is traded here yet.</Link> } : {})}
    >
      {(symbol) => <Navigate to="/trade/$symbol" params={{ symbol }} search={search as never} replace />}
    </Block>
  );
}
