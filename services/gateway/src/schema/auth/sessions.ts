import type { Session as SessionMessage } from '@andvari/proto/auth/v1/auth';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import { NotFound, refusals, refusing } from '../refusals.ts';
import { User } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';

export const Session = builder.objectRef<SessionMessage>('Session').implement({
  description: 'A sign-in that has not ended.',
  fields: (t) => ({
    id: t.globalID({ resolve: ({ id }) => ({ type: 'Session', id }) }),
    user: t.field({ type: User, nullable: true, description: 'Whose it is.', resolve: ({ userId }) => userId }),
    address: t.exposeString('address', { description: 'The network address it was last used from.' }),
    userAgent: t.exposeString('userAgent', { description: 'What the browser or program says it is; it may lie.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When somebody signed in.',
      resolve: ({ createdAtUs }) => createdAtUs,
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      description: 'When it was last refreshed.',
      resolve: ({ lastSeenAtUs }) => lastSeenAtUs,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it ends if it is not used before.',
      resolve: ({ expiresAtUs }) => expiresAtUs,
    }),
    isCurrent: t.boolean({
      description: 'Whether it is the one that asks.',
      resolve: ({ id }, _args, context) => id === signedIn(context).sessionId,
    }),
  }),
});

const RevokedSession = builder.objectRef<{ id: string }>('RevokedSession').implement({
  description: 'A session that opens nothing any more.',
  fields: (t) => ({
    revokedId: t.globalID({
      description: 'The global id that it had.',
      resolve: ({ id }) => ({ type: 'Session', id }),
    }),
  }),
});

const LoggedOut = builder.objectRef<{ revoked: number }>('LoggedOut').implement({
  description: 'Sessions that open nothing any more.',
  fields: (t) => ({ revokedSessions: t.exposeInt('revoked', { description: 'How many.' }) }),
});

builder.queryField('sessions', (t) =>
  t.connection(
    {
      type: Session,
      nullable: true,
      description: 'One’s own sessions, the newest first.',
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
    description: 'Ends one of one’s own sessions; every gateway knows within a second.',
    errors: refusals(NotFound),
    authScopes: { may: 'session:revoke' },
    args: { id: t.arg.globalID({ for: Session, required: true, description: 'The global id of the session.' }) },
    resolve: async (_, { id: { id } }, context) => {
      await refusing(context.clients.auth.revokeSession({ userId: signedIn(context).userId, sessionId: id }));
      return { id };
    },
  }),
  logoutEverywhere: t.field({
    type: LoggedOut,
    nullable: true,
    description: 'Ends one’s own sessions. API keys go on.',
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
