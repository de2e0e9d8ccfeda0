import { CombinedError, createClient, type Operation, type OperationResult } from '@urql/core';
import { Provider } from 'urql';
import { beforeEach, describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { map, pipe } from 'wonka';
import { connectionIsBack, keepTrying } from '../../src/api/connection.ts';
import type { TypedDocumentString } from '../../src/api/generated/graphql.ts';
import { useData } from '../../src/api/use-data.ts';
import { Block } from '../../src/ui/block.tsx';

/** A block before a gateway that answers as it is told. */
const Named = 'query Named { me { id name } }' as unknown as TypedDocumentString<
  { me: { name: string } },
  Record<string, never>
>;
let asked = 0;
let answer: Partial<OperationResult> = {};
const cut = { error: new CombinedError({ networkError: new Error('cut') }) };
const refused = (code: string) => ({
  error: new CombinedError({ graphQLErrors: [{ message: code, extensions: { code } }] }),
});
const named = (name: string) => ({ data: { me: { name } } });

function answered(operation: Operation): OperationResult {
  asked += 1;
  return { operation, stale: false, hasNext: false, data: undefined, ...answer } as OperationResult;
}
function Shown() {
  const { data, isLoading, error, reload } = useData(Named, {});
  return (
    <>
      <Block data={data?.me} isLoading={isLoading} error={error} reload={reload} what="The name">
        {({ name }) => <p>It is {name}</p>}
      </Block>
      <button type="button" onClick={reload}>
        Again
      </button>
    </>
  );
}
const shown = () =>
  render(
    <Provider
      value={createClient({
        url: '/graphql',
        exchanges: [() => (operations) => pipe(operations, map(answered))],
      })}
    >
      <Shown />
    </Provider>,
  );

beforeEach(() => {
  asked = 0;
  answer = cut;
});

describe('a block that could not be read', () => {
  test.each<[what: string, first: Partial<OperationResult>]>([
    ['for want of a network', cut],
    ['because a part was away', refused('UNAVAILABLE')],
    ['because nobody was signed in', refused('UNAUTHENTICATED')],
    ['for a fault of ours', refused('INTERNAL')],
  ])('%s is there as soon as the connection is', async (_, first) => {
    answer = first;
    const screen = await shown();
    await expect.element(screen.getByText(/The name could not be read|Sign in to see/)).toBeVisible();
    answer = named('Ada');
    connectionIsBack();
    await expect.element(screen.getByText('It is Ada')).toBeVisible();
  });

  test('is tried again by itself, and once it is there no longer', async () => {
    const screen = await shown();
    await expect.element(screen.getByText('The name could not be read.')).toBeVisible();
    answer = named('Ada');
    await expect.element(screen.getByText('It is Ada')).toBeVisible();
    const before = asked;
    connectionIsBack();
    expect(asked).toBe(before);
  });

  test('keeps what it had until the next answer', async () => {
    answer = named('Ada');
    const screen = await shown();
    await expect.element(screen.getByText('It is Ada')).toBeVisible();
    answer = cut;
    await screen.getByRole('button', { name: 'Again' }).click();
    await expect.poll(() => asked).toBeGreaterThan(1);
    await expect.element(screen.getByText('It is Ada')).toBeVisible();
    answer = named('Bob');
    connectionIsBack();
    await expect.element(screen.getByText('It is Bob')).toBeVisible();
  });
});

test('whoever keeps trying does so more and more seldom, and ends when told to', async () => {
  let tries = 0;
  const at: number[] = [];
  const startedAt = performance.now();
  const stop = keepTrying(
    () => {
      tries += 1;
      at.push(performance.now() - startedAt);
    },
    { firstMs: 20, longestMs: 80, random: () => 1 },
  );
  await expect.poll(() => tries).toBeGreaterThan(4);
  stop();
  const [first = 0, second = 0, third = 0, fourth = 0] = at;
  expect(first).toBeGreaterThanOrEqual(19);
  expect(second - first).toBeGreaterThanOrEqual(39);
  expect(third - second).toBeGreaterThanOrEqual(79);
  // No longer than the longest, give or take what a busy machine takes.
  expect(fourth - third).toBeGreaterThanOrEqual(79);
  const before = tries;
  connectionIsBack();
  expect(tries).toBe(before);
});
