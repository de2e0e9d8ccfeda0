import { readFileSync } from 'node:fs';
import type { SubscriptionForwarder } from '@urql/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { documentsIn, GENERATED } from '../../build/inline-documents.ts';
import { operationsOf } from '../../build/persisted-operations.ts';
import { createGatewayClient } from '../../src/api/client.ts';

/** What the app really sends, each of its documents through its own client, against the list that its build leaves for the gateway. */
const documents = documentsIn(readFileSync(GENERATED, 'utf8'));
const known = new Set(Object.values(operationsOf([...documents.values()])));
const operations = [...documents].filter(([, text]) => /\b(?:query|mutation|subscription) \w/.test(text));
const realFetch = globalThis.fetch;

let sent: string[] = [];
beforeEach(() => {
  sent = [];
  globalThis.fetch = (_, init) => {
    sent.push((JSON.parse(init?.body as string) as { query: string }).query);
    return Promise.resolve(new Response('{"data":null}', { headers: { 'content-type': 'application/json' } }));
  };
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

test('there are operations', () => {
  expect(operations.length).toBeGreaterThan(50);
});

test.each(operations)('%s is sent as it is known', async (_, text) => {
  const forward: SubscriptionForwarder = ({ query }) => {
    sent.push(query ?? '');
    return {
      subscribe: (sink) => {
        sink.complete();
        return { unsubscribe: () => undefined };
      },
    };
  };
  const client = createGatewayClient(forward);
  const isMutation = /\bmutation \w/.test(text);
  if (/\bsubscription \w/.test(text))
    client
      .subscription(text, {})
      .subscribe(() => undefined)
      .unsubscribe();
  else await (isMutation ? client.mutation(text, {}) : client.query(text, {})).toPromise();
  expect(sent).toHaveLength(1);
  expect(known.has(sent[0] ?? '')).toBe(true);
});
