import type { Client } from '@urql/core';
import type { WhoIsHereQuery } from '../api/generated/graphql.ts';
import { findSession, onSessionChange, sessionState } from '../api/session.ts';
import { backoffMs } from '../live/event-stream.ts';
import { gatewayLink } from '../live/gateway-link.ts';
import { setLocale } from '../ui/number.ts';
import { currentTaste, onTaste, setTaste } from '../ui/taste.ts';
import { SavePreferences, WhoIsHere } from './documents.ts';

/** Finds out who is here, takes over what the server knows of their taste, and tells it what they change. */
export function startSession(client: Client): void {
  void findSession(() => whoIsHere(client), pauseBeforeRetry);
  onSessionChange(() => {
    if (sessionState() === 'signedIn') void whoIsHere(client);
  });

  let known = currentTaste();
  onTaste(() => {
    const taste = currentTaste();
    const hasChanged = taste.theme !== known.theme || taste.confirmsOrders !== known.confirmsOrders;
    known = taste;
    if (!hasChanged || isTakingOver || sessionState() !== 'signedIn') return;
    const input = { theme: taste.theme, confirmOrders: taste.confirmsOrders };
    void client.mutation(String(SavePreferences), { input }).toPromise();
  });
}

const pauseBeforeRetry = (failures: number): Promise<void> =>
  gatewayLink.pause(backoffMs(failures, gatewayLink.random()), new AbortController().signal);

let isTakingOver = false;

async function whoIsHere(client: Client): Promise<boolean> {
  const { data } = await client
    .query<WhoIsHereQuery>(String(WhoIsHere), {}, { requestPolicy: 'network-only' })
    .toPromise();
  if (data?.me == null) return false;
  setLocale(data.me.locale === '' || data.me.locale === 'en' ? navigator.language : data.me.locale);
  if (data.preferences !== null) {
    isTakingOver = true;
    setTaste({ theme: data.preferences.theme, confirmsOrders: data.preferences.confirmOrders });
    isTakingOver = false;
  }
  return true;
}
