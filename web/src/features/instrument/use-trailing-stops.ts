import { useEffect, useState } from 'react';
import { type Client, useClient } from 'urql';
import type { TrailNowQuery } from '../../api/generated/graphql.ts';
import { isOpen } from '../../api/order-states.ts';
import { useMayPoll } from '../../api/use-data.ts';
import { TrailNow } from './documents.ts';
import type { OwnOrder } from './own-lines.ts';

const EVERY_MS = 2000;
const NONE: ReadonlyMap<string, string> = new Map();

/** Where one's own stops that follow the market stand now. Only the engine knows, so it is asked for as long as somebody looks. */
export function useTrailingStops(orders: readonly OwnOrder[]): ReadonlyMap<string, string> {
  const client = useClient();
  const mayPoll = useMayPoll();
  const [stops, setStops] = useState(NONE);
  const followed = orders.filter((order) => order.type === 'TRAILING_STOP' && isOpen(order));
  const ids = followed.map(({ orderId }) => orderId).join(' ');
  useEffect(() => {
    if (ids === '' || !mayPoll) return undefined;
    let isLeft = false;
    const read = async (): Promise<void> => {
      const found = await Promise.all(ids.split(' ').map(async (id) => ({ id, ...(await stopNow(client, id)) })));
      if (isLeft) return;
      setStops((before) => {
        // Whom nobody could ask about stays where it was last.
        const stopOf = ({ id, isKnown, stop }: (typeof found)[number]) => (isKnown ? stop : before.get(id));
        const next = new Map(found.flatMap((each) => pair(each.id, stopOf(each))));
        return isSame(before, next) ? before : next;
      });
    };
    void read();
    const timer = setInterval(() => void read(), EVERY_MS);
    return () => {
      isLeft = true;
      clearInterval(timer);
    };
  }, [client, ids, mayPoll]);
  return stops;
}

async function stopNow(client: Client, orderId: string): Promise<{ isKnown: boolean; stop: string | undefined }> {
  const options = { requestPolicy: 'network-only' as const };
  const { data } = await client.query<TrailNowQuery>(String(TrailNow), { orderId }, options).toPromise();
  const reasons = data?.order?.explanation?.reasons;
  if (reasons === undefined) return { isKnown: false, stop: undefined };
  const facts = reasons.find(({ code }) => code === 'waiting_for_trigger')?.facts;
  const stop = facts?.find(({ name }) => name === 'stop')?.decimal;
  // Before its first price it stands nowhere.
  return { isKnown: true, stop: stop == null || !/[1-9]/.test(stop) ? undefined : stop };
}

const pair = (id: string, stop: string | undefined): [string, string][] => (stop === undefined ? [] : [[id, stop]]);

const isSame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([id, stop]) => other.get(id) === stop);
