import { type Client, createClient, fetchExchange, type SubscriptionForwarder, subscriptionExchange } from '@urql/core';
import { graphcache } from './cache.ts';
import { keepNewest } from './keep-newest.ts';
import { patiently } from './patiently.ts';
import { post, refreshSession, sessionState, takeForStranger } from './session.ts';

/**
 * The one way to the gateway. POST and plain JSON, so that it takes its short way; a session that has run out is refreshed once
 * and the request sent again, unnoticed by whoever asked.
 */
export function createGatewayClient(forwardSubscription: SubscriptionForwarder): Client {
  return createClient({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: { headers: { accept: 'application/json' } },
    fetch: gatewayFetch as typeof fetch,
    exchanges: [graphcache(), keepNewest, subscriptionExchange({ forwardSubscription }), fetchExchange],
  });
}

export async function gatewayFetch(_url: string | URL, init: RequestInit = {}): Promise<Response> {
  const body = typeof init.body === 'string' ? init.body : '';
  const sentAtMs = Date.now();
  const signal = init.signal == null ? {} : { signal: init.signal };
  const response = await patiently(() => post('/graphql', body, signal), pause);
  if (!(await needsSession(response)) || sessionState() === 'signedOut') return response;
  const resume = isNobody(response) ? takeForStranger : refreshSession;
  return (await resume(sentAtMs)) ? post('/graphql', body, signal) : response;
}

/** The page sees no cookie; the gateway says that there was none, so that nothing is asked for that can only be refused. */
const isNobody = ({ headers }: Response): boolean => headers.get('x-andvari-session') === 'none';

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** A cookie that has run out is not sent at all, so the answer may as well be an ordinary one with an error in it. */
async function needsSession(response: Response): Promise<boolean> {
  if (response.status === 401) return true;
  return (await response.clone().text()).includes('"UNAUTHENTICATED"');
}
