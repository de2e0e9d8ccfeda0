import type { Client } from '@urql/core';
import { connectionIsBack } from '../api/connection.ts';
import type { WhoIsHereQuery } from '../api/generated/graphql.ts';
import { findSession, onSessionChange, sessionState } from '../api/session.ts';
import { backoffMs } from '../live/backoff.ts';
import { gatewayLink } from '../live/gateway-link.ts';
import { setLocale } from '../ui/number.ts';
import { currentTaste, onTaste } from '../ui/taste.ts';
import { cover, uncoverFor } from './cover.ts';
import { WhoIsHere } from './documents.ts';
import type { Kept } from './preferences.ts';

/** Finds out who is here, takes over what the server knows of their taste, and tells it what they change. */
export function startSession(client: Client, forSomebodyElse: () => void = beginAnew): void {
  const known = currentTaste();
  // Nobody sees the page later for it.
  const kept = import('./preferences.ts').then(({ startKeeping }) => startKeeping(client, known));
  onTaste(showNumbers);
  const ask = () => whoIsHere(client, kept, forSomebodyElse);
  void findSession(ask, pauseBeforeRetry);
  onSessionChange(() => {
    if (sessionState() === 'signedOut') cover();
    if (sessionState() !== 'signedIn') return;
    void untilKnown(ask);
    connectionIsBack();
  });
}

async function untilKnown(ask: () => Promise<boolean>): Promise<void> {
  for (let failures = 0; sessionState() === 'signedIn'; failures += 1) {
    if (await ask()) return;
    await pauseBeforeRetry(failures);
  }
}

const pauseBeforeRetry = (failures: number): Promise<void> =>
  gatewayLink.pause(backoffMs(failures, gatewayLink.random()), new AbortController().signal);

async function whoIsHere(client: Client, kept: Promise<Kept>, forSomebodyElse: () => void): Promise<boolean> {
  const { data } = await client
    .query<WhoIsHereQuery>(String(WhoIsHere), {}, { requestPolicy: 'network-only' })
    .toPromise();
  if (data?.me == null) return false;
  if (!uncoverFor(data.me.id)) {
    forSomebodyElse();
    return true;
  }
  language = data.me.locale;
  const { preferences } = data;
  if (preferences !== null) (await kept).take(preferences);
  showNumbers();
  return true;
}

/** What the page holds, read and typed, is of somebody else. */
function beginAnew(): void {
  sessionStorage.clear();
  window.location.reload();
}

let language = '';
let shown = '';

/** As it was asked for, else in the language of the profile; English is what nobody has chosen. */
function showNumbers(): void {
  const wanted = currentTaste().numbers || (language === 'en' ? '' : language) || navigator.language;
  if (wanted === shown) return;
  shown = wanted;
  setLocale(wanted);
}
