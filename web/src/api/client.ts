import { type Client, createClient, fetchExchange, type SubscriptionForwarder, subscriptionExchange } from '@urql/core';
import { graphcache } from './cache.ts';
import { keepNewest } from './keep-newest.ts';
import { post, refreshSession, sessionState } from './session.ts';

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
  const response = await patiently(body, signal);
  if (!(await needsSession(response)) || sessionState() === 'signedOut') return response;
  return (await refreshSession(sentAtMs)) ? post('/graphql', body, signal) : response;
}

const LONGEST_WAIT_S = 3;

/** A page that opens asks for much at once. What only reads may wait for its turn; what acts is told at once. */
async function patiently(body: string, signal: Pick<RequestInit, 'signal'>): Promise<Response> {
  const response = await post('/graphql', body, signal);
  const waitS = Number(response.headers.get('retry-after') ?? 0);
  if (response.status !== 429 || waitS > LONGEST_WAIT_S || /^\{[^}]*"query":"\s*mutation/.test(body)) return response;
  await new Promise((resolve) => {
    setTimeout(resolve, waitS * 1000 * (1 + Math.random() / 2));
  });
  return post('/graphql', body, signal);
}

/** A cookie that has run out is not sent at all, so the answer may as well be an ordinary one with an error in it. */
async function needsSession(response: Response): Promise<boolean> {
  if (response.status === 401) return true;
  return (await response.clone().text()).includes('"UNAUTHENTICATED"');
}
