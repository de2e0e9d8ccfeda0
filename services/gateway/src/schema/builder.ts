import { AppError } from '@andvari/kit/base/errors';
import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { type AuthFailure } from '@pothos/plugin-scope-auth';
import { may } from '../identity/viewer.ts';
import type { GatewayContext } from './context.ts';

interface Types {
  Context: GatewayContext;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: bigint; Output: bigint };
    Decimal: { Input: bigint; Output: bigint };
  };
  AuthScopes: {
    signedIn: boolean;
    /** May do this, to everybody's or at least to their own. */
    may: string;
    /** May do one of these: what a change answers may be seen by whoever may make it. */
    mayOneOf: readonly string[];
    /** May do this to everybody's. */
    mayToAll: string;
  };
}

/**
 * The schema is made in pieces, one folder a domain, all on this builder. Every field of the roots needs somebody who
 * is signed in, unless it says `skipTypeScopes`.
 */
export const builder = new SchemaBuilder<Types>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, DataloaderPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  errors: {
    defaultUnionOptions: { name: ({ fieldName }) => `${capital(fieldName)}Result` },
    defaultResultOptions: { name: ({ fieldName }) => `${capital(fieldName)}Success` },
    directResult: true,
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ viewer }) => ({
      signedIn: viewer.kind !== 'anonymous',
      may: (permission) => viewer.kind !== 'anonymous' && may(viewer, permission, viewer.userId),
      mayOneOf: (permissions) =>
        viewer.kind !== 'anonymous' && permissions.some((permission) => may(viewer, permission, viewer.userId)),
      mayToAll: (permission) => may(viewer, permission),
    }),
    unauthorizedError: (_parent, { viewer }, _info, { failure }) => refusalFor(viewer, missingOf(failure)),
  },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    // The connection has counted its rows already; either way to them is free.
    nodesOnConnection: { complexity: { field: 0, multiplier: 1 } },
    edgesFieldOptions: { complexity: { field: 0, multiplier: 1 } },
    nodesQueryOptions: false,
    nodeQueryOptions: {
      nullable: true,
      complexity: 10,
      description: 'Whatever has a global id, as far as the viewer may see it.',
    },
  },
  // The pipeline counts the cost before anything is executed.
  complexity: { disabled: true, defaultComplexity: 1, defaultListMultiplier: 10 },
});

export type Builder = typeof builder;

builder.queryType({ authScopes: { signedIn: true } });
builder.mutationType({ authScopes: { signedIn: true } });
builder.subscriptionType({ authScopes: { signedIn: true } });

export function refusalFor(viewer: GatewayContext['viewer'], permission = ''): AppError {
  if (viewer.kind === 'anonymous') {
    return new AppError('unauthenticated', 'sign in first', { reason: 'not_signed_in' });
  }
  if (!viewer.rights.known) {
    return new AppError('unavailable', 'permissions could not be looked up', { reason: 'permissions_unknown' });
  }
  const message = permission === '' ? 'not allowed' : `not allowed: ${permission}`;
  return new AppError('permission_denied', message, { reason: 'permission_missing' });
}

/** Which permission it was, where it was one: whoever made a key wants to know what to give it. */
function missingOf(failure: AuthFailure): string | undefined {
  if ('failures' in failure) return failure.failures.map(missingOf).find((permission) => permission !== undefined);
  const parameter: unknown = 'parameter' in failure ? failure.parameter : undefined;
  const permission: unknown = Array.isArray(parameter) ? parameter[0] : parameter;
  return typeof permission === 'string' ? permission : undefined;
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
