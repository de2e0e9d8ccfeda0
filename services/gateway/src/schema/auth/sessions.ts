import { deviceWords } from '@andvari/kit/base/device-words';
import type { Session as SessionMessage } from '@andvari/proto/auth/v1/auth';
import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { findInPages, loadEach } from '../find-node.ts';
import { NotFound, refusals, refusing } from '../refusals.ts';
import { User } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';

/** A node by way of the viewer's own. */
export const Session = builder.loadableNodeRef<SessionMessage>('Session', {
  id: { resolve: ({ id }) => id },
  load: (ids: string[], context: GatewayContext) => {
    const { userId } = signedIn(context);
    return loadEach(ids, (wanted) =>
      findInPages(
        async (page) => {
          const { sessions, pageInfo } = await context.clients.auth.listSessions({ userId, page });
          return { rows: sessions, pageInfo };
        },
        ({ id }) => id === wanted,
      ),
    );
  },
});

Session.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'lastSeenAtUs' in value,
  description: 'A sign-in that has not ended.',
  fields: (t) => ({
    user: t.field({ type: User, nullable: true, description: 'Whose it is.', resolve: ({ userId }) => userId }),
    address: t.exposeString('address', { description: 'The network address it was last used from.' }),
    device: t.string({
      description: 'What a person would call it, by its `userAgent`: "Chrome on Linux".',
      resolve: ({ userAgent }) => deviceWords(userAgent),
    }),
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

const LoggedOut = builder.objectRef<{ revoked: number; sessionIds: string[] }>('LoggedOut').implement({
  description: 'Sessions that open nothing any more.',
  fields: (t) => ({
    revokedSessions: t.exposeInt('revoked', { description: 'How many.' }),
    revokedIds: t.idList({
      description: 'The global ids that they had.',
      resolve: ({ sessionIds }) => sessionIds.map((id) => encodeGlobalID('Session', id)),
    }),
  }),
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
