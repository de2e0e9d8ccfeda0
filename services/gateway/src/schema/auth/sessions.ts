import type { Session as SessionMessage } from '@andvari/proto/auth/v1/auth';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import { NotFound, refusals, refusing } from '../refusals.ts';
import { User } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';

export const Session = builder.objectRef<SessionMessage>('Session').implement({
  fields: (t) => ({
    id: t.globalID({ resolve: ({ id }) => ({ type: 'Session', id }) }),
    user: t.field({ type: User, nullable: true, resolve: ({ userId }) => userId }),
    address: t.exposeString('address'),
    userAgent: t.exposeString('userAgent'),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAtUs }) => createdAtUs }),
    lastSeenAt: t.field({ type: 'DateTime', resolve: ({ lastSeenAtUs }) => lastSeenAtUs }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAtUs }) => expiresAtUs }),
    isCurrent: t.boolean({
      description: 'Whether it is the one that asks.',
      resolve: ({ id }, _args, context) => id === signedIn(context).sessionId,
    }),
  }),
});

const RevokedSession = builder.objectRef<{ id: string }>('RevokedSession').implement({
  fields: (t) => ({ revokedId: t.globalID({ resolve: ({ id }) => ({ type: 'Session', id }) }) }),
});

const LoggedOut = builder.objectRef<{ revoked: number }>('LoggedOut').implement({
  fields: (t) => ({ revokedSessions: t.exposeInt('revoked') }),
});

builder.queryField('sessions', (t) =>
  t.connection(
    {
      type: Session,
      nullable: true,
      complexity: connectionCost,
      authScopes: { may: 'session:read' },
      resolve: (_, args, context) =>
        connectionOf(args, async (page) => {
          const answer = await context.clients.auth.listSessions({ userId: signedIn(context).userId, page });
          return { rows: answer.sessions, pageInfo: answer.pageInfo };
        }),
    },
    { name: 'SessionConnection' },
    { name: 'SessionEdge' },
  ),
);

builder.mutationFields((t) => ({
  revokeSession: t.field({
    type: RevokedSession,
    nullable: true,
    errors: refusals(NotFound),
    authScopes: { may: 'session:revoke' },
    args: { id: t.arg.globalID({ for: Session, required: true }) },
    resolve: async (_, { id: { id } }, context) => {
      await refusing(context.clients.auth.revokeSession({ userId: signedIn(context).userId, sessionId: id }));
      return { id };
    },
  }),
  logoutEverywhere: t.field({
    type: LoggedOut,
    nullable: true,
    errors: refusals(),
    authScopes: { may: 'session:revoke' },
    args: {
      keepCurrent: t.arg.boolean({ required: true, defaultValue: true, description: 'Leaves the one that asks.' }),
    },
    resolve: (_, { keepCurrent }, context) => {
      const { userId, sessionId } = signedIn(context);
      const exceptSessionId = keepCurrent ? sessionId : '';
      return refusing(context.clients.auth.logoutAll({ userId, exceptSessionId }));
    },
  }),
}));
