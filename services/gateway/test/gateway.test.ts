import { Secret } from '@andvari/kit/config';
import { AppError } from '@andvari/kit/errors';
import { openMetrics } from '@andvari/kit/metrics';
import { serve, serveRpc } from '@andvari/kit/rpc-server';
import { testScope } from '@andvari/kit/testing/test-scope';
import { OnboardingState, UserServiceService } from '@andvari/proto/user/v1/user';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';

const CALLER_KEY = 'a key that only tests use, 32 characters and more';
const USER = '018f0000-0000-7000-8000-000000000001';
const scope = testScope();
let url: string;

beforeAll(async () => {
  const { getProfile } = UserServiceService;
  const user = serve(
    { getProfile },
    {
      getProfile: async ({ userId }) => {
        if (userId !== USER) throw new AppError('not_found', 'no profile');
        return { profile };
      },
    },
  );
  const backend = await serveRpc(scope, {
    port: 0,
    services: [user],
    callerKey: new Secret(CALLER_KEY),
    metrics: openMetrics('test', { runtime: false }),
  });
  const { port } = await start(
    scope,
    readConfig({
      ENVIRONMENT: 'test',
      HTTP_PORT: '0',
      ADMIN_PORT: '0',
      CALLER_KEY,
      USER_ADDR: `127.0.0.1:${backend.port}`,
    }),
  );
  url = `http://127.0.0.1:${port}/graphql`;
});
afterAll(() => scope.close());

describe('gateway', () => {
  test('health answers', async () => {
    expect(await ask('{ health }')).toEqual({ data: { health: 'ok' } });
  });

  test('a profile comes from the user service', async () => {
    expect(await ask(`{ profile(userId: "${USER}") { givenName } }`)).toEqual({
      data: { profile: { givenName: 'Ada' } },
    });
  });

  test('a profile that is not there is null', async () => {
    expect(await ask('{ profile(userId: "nobody") { givenName } }')).toEqual({ data: { profile: null } });
  });
});

async function ask(query: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

const profile = {
  userId: USER,
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'Lovelace',
  phone: '',
  country: '',
  locale: 'en',
  timezone: 'UTC',
  avatarRef: '',
  onboardingState: OnboardingState.ONBOARDING_STATE_NEW,
  onboardingReason: '',
  version: 1n,
  createdAtUs: 0n,
  updatedAtUs: 0n,
};
