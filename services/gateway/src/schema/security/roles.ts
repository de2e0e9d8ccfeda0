import { assert } from '@andvari/kit/base/errors';
import type {
  Grant as GrantMessage,
  ListPermissionsResponse,
  Role as RoleMessage,
} from '@andvari/proto/security/v1/security';
import { may } from '../../identity/viewer.ts';
import { builder, refusalFor } from '../builder.ts';
import { connectionCost, connectionOf, connectionOfAll } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { findInPages, loadEach, partsOf } from '../find-node.ts';
import { ConfirmPassword, NotFound, NotPossible, RefusalError, refusals, refusalType, refusing } from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { REASON, textOrNull } from '../text.ts';
import { User, userIdFrom } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';
import { wordEnum } from '../word-enum.ts';

class ExceedsOwnRights extends RefusalError {}
refusalType(ExceedsOwnRights, 'Nobody grants what they may not do themselves.');
class LastAdmin extends RefusalError {}
refusalType(LastAdmin, 'Somebody has to be left who can grant roles.');

const RoleName = wordEnum('RoleName', 'A role that can be granted.', {
  member: 'Everybody who has proven an address: their own things.',
  support: 'Sees what users see, except credentials; changes nothing.',
  operator: 'Runs the market and the ledger.',
  admin: 'Grants roles, and reads the audit trail.',
});

const Permissions = builder.objectRef<ListPermissionsResponse>('Permissions').implement({
  description: 'What somebody may do, and by which roles.',
  fields: (t) => ({
    roles: t.field({
      type: [RoleName.type],
      description: 'The roles that are in force now.',
      resolve: ({ roles }) => roles.map(RoleName.from),
    }),
    permissions: t.exposeStringList('permissions', { description: '`resource:action`, with `:own` for one’s own.' }),
    validUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next role runs out.',
      resolve: ({ validUntilUs }) => timeOrNull(validUntilUs),
    }),
  }),
});

const Role = builder.objectRef<RoleMessage>('Role').implement({
  description: 'A set of permissions that can be granted to somebody.',
  fields: (t) => ({
    name: t.field({ type: RoleName.type, description: 'Which.', resolve: ({ name }) => RoleName.from(name) }),
    description: t.exposeString('description', { description: 'Who has it, in words.' }),
    permissions: t.exposeStringList('permissions', { description: '`resource:action`, with `:own` for one’s own.' }),
  }),
});

/** A node by way of the grants of its user, whom its global id names. */
const Grant = builder.loadableNodeRef<GrantMessage>('Grant', {
  id: { resolve: ({ userId, id }) => `${userId}.${id}` },
  load: (ids: string[], { viewer, clients }: GatewayContext) =>
    loadEach(ids, (id) => {
      const [userId = '', wanted] = partsOf(id, 2);
      if (!may(viewer, 'role:read', userId)) throw refusalFor(viewer, 'role:read');
      return findInPages(
        async (page) => {
          const { grants, pageInfo } = await clients.security.listGrants({ userId, page });
          return { rows: grants, pageInfo };
        },
        (grant) => grant.id === wanted,
      );
    }),
});

Grant.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'grantedBy' in value,
  description: 'A role that somebody has, by whom and until when.',
  fields: (t) => ({
    user: t.field({
      type: User,
      nullable: true,
      description: 'Who has it; null where the viewer may not see them.',
      resolve: ({ userId }) => userId,
    }),
    role: t.field({ type: RoleName.type, description: 'Which role.', resolve: ({ role }) => RoleName.from(role) }),
    grantedBy: t.exposeString('grantedBy', { description: 'Who gave it: a user id, or `service:` and a name.' }),
    reason: t.string({
      nullable: true,
      description: 'Why; null where nobody had to say.',
      resolve: ({ reason }) => textOrNull(reason),
    }),
    grantedAt: t.field({ type: 'DateTime', description: 'Since when.', resolve: ({ grantedAtUs }) => grantedAtUs }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when; null where it has no end.',
      resolve: ({ expiresAtUs }) => timeOrNull(expiresAtUs),
    }),
  }),
});

const RevokedRole = builder.objectRef<{ userId: string; role: string; grantId: string }>('RevokedRole').implement({
  description: 'A role that somebody has no more.',
  fields: (t) => ({
    revokedId: t.globalID({
      description: 'The global id that its grant had.',
      resolve: ({ userId, grantId }) => ({ type: 'Grant', id: `${userId}.${grantId}` }),
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'Who had it; null where the viewer may not see them.',
      resolve: ({ userId }) => userId,
    }),
    userId: t.exposeID('userId', { description: 'The UUID of who had it.' }),
    role: t.field({ type: RoleName.type, description: 'Which role.', resolve: ({ role }) => RoleName.from(role) }),
  }),
});

const GrantRoleInput = builder.inputType('GrantRoleInput', {
  description: 'A role to give to somebody.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Whose: a UUID, or the global id of a User.' }),
    role: t.field({ type: RoleName.type, required: true, description: 'Which role.' }),
    reason: t.string({ required: true, description: REASON }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when; without it, for good.' }),
  }),
});

const RevokeRoleInput = builder.inputType('RevokeRoleInput', {
  description: 'A role to take from somebody.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Whose: a UUID, or the global id of a User.' }),
    role: t.field({ type: RoleName.type, required: true, description: 'Which role.' }),
    reason: t.string({ required: true, description: REASON }),
  }),
});

builder.queryFields((t) => ({
  myPermissions: t.field({
    type: Permissions,
    nullable: true,
    description: 'What the viewer may do. An API key is told what its owner may do.',
    resolve: (_, _args, context) => context.clients.security.listPermissions({ userId: signedIn(context).userId }),
  }),
  roles: t.connection(
    {
      type: Role,
      nullable: true,
      description: 'For those who look after rights: all roles, by name.',
      complexity: connectionCost,
      authScopes: { mayToAll: 'role:read' },
      resolve: async (_, args, { clients }) =>
        connectionOfAll(args, (await clients.security.listRoles({})).roles, ({ name }) => name),
    },
    { name: 'RoleConnection' },
    { name: 'RoleEdge' },
  ),
  grants: t.connection(
    {
      type: Grant,
      nullable: true,
      description: 'Roles that somebody has, those that ran out left out.',
      complexity: connectionCost,
      authScopes: { may: 'role:read' },
      args: { userId: t.arg.id({ description: 'Whose; one’s own without it.' }) },
      resolve: (_, { userId, ...args }, context) =>
        connectionOf(args, async (page) => {
          const whose = userId ? userIdFrom(userId) : signedIn(context).userId;
          if (!may(context.viewer, 'role:read', whose)) throw refusalFor(context.viewer, 'role:read');
          const answer = await context.clients.security.listGrants({ userId: whose, page });
          return { rows: answer.grants, pageInfo: answer.pageInfo };
        }),
    },
    { name: 'GrantConnection' },
    { name: 'GrantEdge' },
  ),
}));

const byReason = { exceeds_own_rights: ExceedsOwnRights, last_admin: LastAdmin };

builder.mutationFields((t) => ({
  grantRole: t.field({
    type: Grant,
    nullable: true,
    description: 'For administrators: gives somebody a role. Needs a recent sign-in.',
    errors: refusals(NotFound, NotPossible, ExceedsOwnRights, LastAdmin, ConfirmPassword),
    authScopes: { mayToAll: 'role:grant' },
    args: { input: t.arg({ type: GrantRoleInput, required: true }) },
    resolve: async (_, { input: { userId, role, reason, expiresAt } }, { clients }) => {
      const request = { userId: userIdFrom(userId), role, reason, expiresAtUs: expiresAt ?? 0n };
      const { grant } = await refusing(clients.security.grantRole(request), byReason);
      assert(grant, 'GrantRole answered without a grant');
      return grant;
    },
  }),
  revokeRole: t.field({
    type: RevokedRole,
    nullable: true,
    description: 'For administrators: takes a role from somebody. Needs a recent sign-in.',
    errors: refusals(NotFound, NotPossible, ExceedsOwnRights, LastAdmin, ConfirmPassword),
    authScopes: { mayToAll: 'role:grant' },
    args: { input: t.arg({ type: RevokeRoleInput, required: true }) },
    resolve: async (_, { input: { userId, role, reason } }, { clients }) => {
      const request = { userId: userIdFrom(userId), role, reason };
      const { grantId } = await refusing(clients.security.revokeRole(request), byReason);
      return { userId: request.userId, role, grantId };
    },
  }),
}));
