import { AppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayRig, gatewayRig, randomAddress } from './gateway-rig.ts';

let rig: GatewayRig;
beforeAll(async () => {
  rig = await gatewayRig();
});
afterAll(() => rig.close());

const query = '{ status { services { name state } marketClock { state alwaysOpen timeZone } } }';
const service = (name: string, state: string) => expect.objectContaining({ name, state });

test('whoever is signed out reads how the system is, and where the market is in its day', async () => {
  // Where the machine is full a service may not answer in the time that a look at it has: the next look tells.
  await eventually(async () => {
    const before = rig.stock.callsOf('getClock').length;
    const { data, errors } = await rig.ask({ query });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      status: {
        services: expect.arrayContaining([service('stock', 'UP'), service('portfolio', 'UP')]),
        marketClock: { state: 'REGULAR', alwaysOpen: true, timeZone: 'America/New_York' },
      },
    });
    // The clock is what stock was asked for anyway, to see whether it is there.
    expect(rig.stock.callsOf('getClock').length - before).toBeLessThanOrEqual(1);
  });
});

test('of a market that nobody can tell of the rest is said all the same', async () => {
  rig.stock.answers['getClock'] = () => {
    throw new AppError('unavailable', 'the database is away');
  };
  const other = await rig.another();
  const response = await fetch(`${other.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': randomAddress() },
    body: JSON.stringify({ query }),
  });
  expect(await response.json()).toEqual({
    data: {
      status: {
        services: expect.arrayContaining([service('stock', 'DOWN'), service('portfolio', 'UP')]),
        marketClock: null,
      },
    },
  });
  await other.close();
});
