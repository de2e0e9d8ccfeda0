import { assert, invalid } from '@andvari/kit/base/errors';
import type { ApiKey as ApiKeyMessage } from '@andvari/proto/auth/v1/auth';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { findInPages, loadEach } from '../find-node.ts';
import {
  ConfirmPassword,
  InvalidInput,
  NotFound,
  NotPossible,
  RefusalError,
  refusals,
  refusalType,
  refusing,
} from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { signedIn } from '../viewer-scope.ts';

class TooManyApiKeys extends RefusalError {}
refusalType(TooManyApiKeys, 'There is no room for another key; revoke one first.');

/** A node by way of the viewer's own. */
const ApiKey = builder.loadableNodeRef<ApiKeyMessage>('ApiKey', {
  id: { resolve: ({ id }) => id },
  load: (ids: string[], context: GatewayContext) => {
    const { userId } = signedIn(context);
    return loadEach(ids, (wanted) =>
      findInPages(
        async (page) => {
          const { apiKeys, pageInfo } = await context.clients.auth.listApiKeys({ userId, page });
          return { rows: apiKeys, pageInfo };
        },
        ({ id }) => id === wanted,
      ),
    );
  },
});

ApiKey.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'dailyNotionalCap' in value,
  description: 'What a program signs in with; its secret is shown once, when it is made.',
  fields: (t) => ({
    keyId: t.exposeID('id', { description: 'What programs send as x-api-key-id.' }),
    name: t.exposeString('name', { description: 'As its owner calls it.' }),
    scopes: t.exposeStringList('scopes', { description: 'Permissions like `order:place:own`.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was made.',
      resolve: ({ createdAtUs }) => createdAtUs,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ends; null where it does not.',
      resolve: ({ expiresAtUs }) => timeOrNull(expiresAtUs),
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When somebody last signed in with it.',
      resolve: ({ lastUsedAtUs }) => timeOrNull(lastUsedAtUs),
    }),
    dailyNotionalCap: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'How much it may order in a day, in US dollars; null without a cap.',
      resolve: ({ dailyNotionalCap }) => (dailyNotionalCap === 0n ? null : dailyNotionalCap),
    }),
  }),
});

const CreatedApiKey = builder.objectRef<{ apiKey: ApiKeyMessage; secret: string }>('CreatedApiKey').implement({
  description: 'A key that was made just now.',
  fields: (t) => ({
    apiKey: t.field({ type: ApiKey, description: 'The key without its secret.', resolve: ({ apiKey }) => apiKey }),
    secret: t.exposeString('secret', { description: 'Shown this once.' }),
  }),
});

const RevokedApiKey = builder.objectRef<{ id: string }>('RevokedApiKey').implement({
  description: 'A key that opens nothing any more.',
  fields: (t) => ({
    revokedId: t.globalID({ description: 'Which it was.', resolve: ({ id }) => ({ type: 'ApiKey', id }) }),
  }),
});

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A key to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'As its owner calls it.' }),
    scopes: t.stringList({
      required: true,
      description: 'Permissions like `order:place:own`; no more than its owner has.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends; without it, never.' }),
    dailyNotionalCap: t.field({
      type: 'Decimal',
      description: 'How much it may order in a day, in US dollars; without it, as much as its owner.',
    }),
  }),
});

builder.queryField('apiKeys', (t) =>
  t.connection(
    {
      type: ApiKey,
      nullable: true,
      description: 'One’s own API keys that have not ended, the newest first.',
      complexity: connectionCost,
      authScopes: { may: 'api_key:read' },
      resolve: (_, args, context) =>
        connectionOf(args, async (page) => {
          const answer = await context.clients.auth.listApiKeys({ userId: signedIn(context).userId, page });
          return { rows: answer.apiKeys, pageInfo: answer.pageInfo };
        }),
    },
    { name: 'ApiKeyConnection' },
    { name: 'ApiKeyEdge' },
  ),
);

builder.queryField('apiKeyScopes', (t) =>
  t.stringList({
    nullable: true,
    description: 'What a new API key may be given: all that one may do oneself, without what is for people only.',
    authScopes: { may: 'api_key:read' },
    resolve: async (_, _args, context) => {
      const page = { first: 1, after: '' };
      return (await context.clients.auth.listApiKeys({ userId: signedIn(context).userId, page })).grantableScopes;
    },
  }),
);

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreatedApiKey,
    nullable: true,
    description: 'Makes an API key. Needs a recent sign-in.',
    errors: refusals(NotPossible, TooManyApiKeys, ConfirmPassword),
    authScopes: { may: 'api_key:create' },
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { name, scopes, expiresAt, dailyNotionalCap } = input;
      // On the wire nothing means no cap: a cap of nothing would be its opposite.
      if (dailyNotionalCap === 0n) {
        throw new InvalidInput(invalid('dailyNotionalCap', 'should be above zero, or left out'));
      }
      const { apiKey, secret } = await refusing(
        context.clients.auth.createApiKey({
          userId: signedIn(context).userId,
          name,
          scopes,
          expiresAtUs: expiresAt ?? 0n,
          dailyNotionalCap: dailyNotionalCap ?? 0n,
        }),
        { too_many_api_keys: TooManyApiKeys },
      );
      assert(apiKey, 'CreateApiKey answered without a key');
      return { apiKey, secret };
    },
  }),
  revokeApiKey: t.field({
    type: RevokedApiKey,
    nullable: true,
    description: 'Ends one of one’s own API keys; every gateway knows within a second.',
    errors: refusals(NotFound),
    authScopes: { may: 'api_key:revoke' },
    args: { id: t.arg.globalID({ for: ApiKey, required: true, description: 'The global id of the key.' }) },
    resolve: async (_, { id: { id } }, context) => {
      await refusing(context.clients.auth.revokeApiKey({ userId: signedIn(context).userId, id }));
      return { id };
    },
  }),
}));
