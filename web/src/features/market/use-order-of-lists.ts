import { useRef, useState } from 'react';
import { useSend } from '../../api/use-data.ts';
import { say } from '../../ui/toasts.tsx';
import { ReorderLists } from './documents.ts';

/** As they are wanted, at once, until the server has them so; what is moved while a change is on its way goes after it. */
export function useOrderOfLists<List extends { id: string }>(
  known: readonly List[],
): { lists: readonly List[]; put: (id: string, at: number) => void } {
  const send = useSend();
  const [order, setOrder] = useState<readonly string[] | undefined>();
  const wanted = useRef<readonly string[] | undefined>(undefined);
  const isSaving = useRef(false);
  if (order !== undefined && order.join(' ') === known.map(({ id }) => id).join(' ')) setOrder(undefined);
  const lists = order === undefined ? known : inOrder(known, order);

  const save = async (ids: readonly string[]): Promise<void> => {
    setOrder(ids);
    wanted.current = ids;
    if (isSaving.current) return;
    isSaving.current = true;
    while (wanted.current !== undefined) {
      const next = [...wanted.current];
      wanted.current = undefined;
      const answer = await send(ReorderLists, { ids: next });
      const result = answer.ok ? answer.data.reorderWatchlists : null;
      if (result?.__typename === 'ReorderedWatchlists') continue;
      wanted.current = undefined;
      setOrder(undefined);
      say(result?.message ?? (answer.ok ? 'There was no answer.' : answer.trouble.message));
    }
    isSaving.current = false;
  };
  return {
    lists,
    put: (id, at) => {
      const ids = lists.map((list) => list.id);
      void save(ids.filter((each) => each !== id).toSpliced(at, 0, id));
    },
  };
}

/** Those that nobody had an order for, because they are new, come last. */
function inOrder<List extends { id: string }>(lists: readonly List[], ids: readonly string[]): List[] {
  const placeOf = ({ id }: List): number => (ids.includes(id) ? ids.indexOf(id) : ids.length);
  return lists.toSorted((one, other) => placeOf(one) - placeOf(other));
}
