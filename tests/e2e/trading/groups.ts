import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Trader } from '../traders.ts';

export async function group(
  { browser, account, symbol }: Trader,
  type: string,
  legs: readonly object[],
  clientOrderId: string = randomUUID(),
): Promise<Record<string, unknown>> {
  const { data, errors } = await browser.ask(
    `mutation ($input: PlaceGroupInput!) { placeGroup(input: $input) { __typename
      ... on OrderGroup { groupId type orders { id groupLeg } }
      ... on Refusal { code message }
      ... on InsufficientBuyingPower { required available }
      ... on InsufficientShares { required available }
      ... on InvalidOrder { field } } }`,
    { input: { accountId: account, clientOrderId, type, legs: legs.map((leg) => ({ symbol, ...leg })) } },
  );
  expect(errors).toEqual([]);
  return data['placeGroup'] as Record<string, unknown>;
}

/** The ids of a group that must be taken, leg by leg. */
export async function groupPlaced(...asked: Parameters<typeof group>): Promise<[string, string, string]> {
  const answer = await group(...asked);
  expect(answer, JSON.stringify(answer)).toMatchObject({ __typename: 'OrderGroup', type: asked[1] });
  const orders = answer['orders'] as { id: string; groupLeg: number }[];
  expect(orders.map(({ groupLeg }) => groupLeg)).toEqual(asked[2].map((_, leg) => leg));
  return orders.map(({ id }) => id) as [string, string, string];
}
