import { randomUUID } from 'node:crypto';
import { noCaller, withContext } from '@andvari/kit/context';
import { isAppError } from '@andvari/kit/errors';
import type { RpcClient } from '@andvari/kit/rpc-client';
import { newTraceparent } from '@andvari/kit/tracing';
import { type Profile, type UserServiceService } from '@andvari/proto/user/v1/user';
import SchemaBuilder from '@pothos/core';
import { createYoga } from 'graphql-yoga';

export interface Parts {
  user: Pick<RpcClient<typeof UserServiceService>, 'getProfile'>;
  /** Nobody is signed in yet; outside production anybody may read a profile. */
  development: boolean;
}

const TIMEOUT_MS = 10_000;

export function createGraphql({ user, development }: Parts) {
  const builder = new SchemaBuilder<object>({});
  const ProfileRef = builder.objectRef<Profile>('Profile').implement({
    fields: (t) => ({
      userId: t.exposeString('userId'),
      email: t.exposeString('email'),
      givenName: t.exposeString('givenName'),
      familyName: t.exposeString('familyName'),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      health: t.string({ resolve: () => 'ok' }),
      profile: t.field({
        type: ProfileRef,
        nullable: true,
        args: { userId: t.arg.id({ required: true }) },
        resolve: (_, { userId }) =>
          onBehalfOfNobody(development ? ['profile:read'] : [], async () => {
            try {
              return (await user.getProfile({ userId })).profile;
            } catch (error) {
              if (isAppError(error, 'not_found')) return undefined;
              throw error;
            }
          }),
      }),
    }),
  });
  return createYoga({ schema: builder.toSchema(), graphiql: development, logging: false });
}

function onBehalfOfNobody<T>(scopes: string[], work: () => T): T {
  const requestId = randomUUID();
  const context = {
    requestId,
    caller: { ...noCaller('gateway'), scopes, requestId },
    deadline: Date.now() + TIMEOUT_MS,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    traceparent: newTraceparent(),
  };
  return withContext(context, work);
}
