import type { Client, CombinedError } from '@urql/core';
import { describe, expect, test } from 'vitest';
import { newestOf } from '../../src/api/keep-newest.ts';
import { sendOnce } from '../../src/api/sends.ts';

const lost = { networkError: new Error('cut'), graphQLErrors: [] } as unknown as CombinedError;
const status = (code: number) =>
  ({ networkError: new Error('bad'), graphQLErrors: [], response: { status: code } }) as unknown as CombinedError;
const coded = (code: string) =>
  ({ graphQLErrors: [{ extensions: { code } }], response: { status: 200 } }) as unknown as CombinedError;

/** A gateway as a list of answers; what it was sent is kept. */
function gateway(answers: { data?: unknown; error?: CombinedError }[]) {
  const sent: unknown[] = [];
  const client = {
    mutation: (_: string, variables: unknown) => ({
      toPromise: () => {
        sent.push(variables);
        return Promise.resolve(answers[Math.min(sent.length, answers.length) - 1]);
      },
    }),
  } as unknown as Pick<Client, 'mutation'>;
  return { client, sent };
}

const pace = { tries: 5, pause: () => Promise.resolve() };
const intent = { input: { clientOrderId: 'one' } };
const order = { placeOrder: { __typename: 'Order', id: '1' } };

describe('exactly once', () => {
  test.each([
    ['an answer ends it', [{ data: order }], 'answered', 1],
    [
      'a refusal that is a value is an answer',
      [{ data: { placeOrder: { __typename: 'MarketClosed' } } }],
      'answered',
      1,
    ],
    ['no answer: again, with the same id', [{ error: lost }, { error: lost }, { data: order }], 'answered', 3],
    ['502 to 504: again', [{ error: status(503) }, { error: status(502) }, { data: order }], 'answered', 3],
    [
      'UNAVAILABLE: again',
      [{ data: { placeOrder: null }, error: coded('UNAVAILABLE') }, { data: order }],
      'answered',
      2,
    ],
    ['any other error ends it', [{ error: coded('PERMISSION_DENIED') }], 'refused', 1],
    ['five tries without an answer: unknown, not failed', [{ error: lost }], 'unknown', 5],
  ] as const)('%s', async (_, answers, kind, tries) => {
    const { client, sent } = gateway([...answers]);
    const outcome = await sendOnce(client, 'mutation', intent, pace);
    expect(outcome.kind).toBe(kind);
    expect(sent).toEqual(Array.from({ length: tries }, () => intent));
  });
});

describe('of two answers about one order the newer wins', () => {
  const filled = { __typename: 'Order', id: 'o', version: 3, status: 'FILLED', filledQuantity: '10' };
  const placed = { __typename: 'Order', id: 'o', version: 1, status: 'PENDING_NEW', filledQuantity: '0' };

  test('a fill that overtook the answer of its placing stays', () => {
    const known = new Map();
    newestOf({ account: { order: { ...filled } } }, known);
    const late = { placeOrder: { ...placed } };
    newestOf(late, known);
    expect(late.placeOrder).toEqual(filled);
  });

  test('in the other order the newer is taken as it is', () => {
    const known = new Map();
    newestOf({ placeOrder: { ...placed } }, known);
    const event = { account: { order: { ...filled } } };
    newestOf(event, known);
    expect(event.account.order).toEqual(filled);
  });

  test('fields that were not asked for are not invented', () => {
    const known = new Map();
    newestOf({ ...filled }, known);
    const narrow = { __typename: 'Order', id: 'o', version: 1, status: 'NEW' };
    newestOf(narrow, known);
    expect(narrow).toEqual({ __typename: 'Order', id: 'o', version: 3, status: 'FILLED' });
  });

  describe('an event that overtook the order beside it', () => {
    const moved = (event: string, tells: string, beside: object, filledQuantity = '0') => ({
      account: {
        __typename: 'OrderMoved',
        event,
        status: tells,
        filledQuantity,
        averagePrice: null,
        order: { ...beside },
      },
    });
    const resting = {
      __typename: 'Order',
      id: 'r',
      version: 2,
      status: 'NEW',
      filledQuantity: '0',
      averagePrice: null,
    };
    const cancelling = { ...resting, version: 3, status: 'PENDING_CANCEL' };

    test('is what counts: cancelled, not cancelling for ever', () => {
      const known = new Map();
      const event = moved('CANCELED', 'CANCELED', cancelling);
      newestOf(event, known);
      expect(event.account.order).toMatchObject({ status: 'CANCELED', version: 3 });
      const answer = { cancelOrder: { ...cancelling } };
      newestOf(answer, known);
      expect(answer.cancelOrder).toMatchObject({ status: 'CANCELED', version: 3 });
      const later = { ...cancelling, version: 4, status: 'CANCELED', filledQuantity: '0' };
      newestOf(later, known);
      expect(later).toMatchObject({ version: 4, status: 'CANCELED' });
    });

    test('fills, starts and refusals count too', () => {
      const told = (...given: Parameters<typeof moved>) => {
        const event = moved(...given);
        newestOf(event, new Map());
        return event.account.order as Record<string, unknown>;
      };
      expect(told('FILL', 'PARTIALLY_FILLED', resting, '10')).toMatchObject({
        status: 'PARTIALLY_FILLED',
        filledQuantity: '10',
      });
      expect(told('NEW', 'NEW', { ...resting, status: 'PENDING_NEW' })).toMatchObject({ status: 'NEW' });
      expect(told('RESTATED', 'ACCEPTED', { ...resting, status: 'HELD' })).toMatchObject({ status: 'ACCEPTED' });
      expect(told('NEW', 'HELD', { ...resting, status: 'ACCEPTED' })).toMatchObject({ status: 'ACCEPTED' });
      expect(told('CANCEL_REJECTED', 'NEW', cancelling)).toMatchObject({ status: 'NEW' });
    });

    test('one that is behind its order changes nothing', () => {
      const event = moved('NEW', 'NEW', cancelling);
      newestOf(event, new Map());
      expect(event.account.order).toEqual(cancelling);
      const done = moved('FILL', 'PARTIALLY_FILLED', { ...resting, status: 'FILLED', filledQuantity: '10' }, '9');
      newestOf(done, new Map());
      expect(done.account.order).toMatchObject({ status: 'FILLED', filledQuantity: '10' });
    });
  });
});
