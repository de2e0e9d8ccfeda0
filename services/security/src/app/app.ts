import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { OutgoingEvent } from '@andvari/kit/events/event';
import { refusalsOf } from '@andvari/kit/handler/refusals';
import type { Append, Commit, Say } from '@andvari/kit/outbox/commit';
import { v7 as uuidv7 } from 'uuid';
import {
  decideGrant,
  decideRevoke,
  GRANTING,
  type Grant,
  type Granter,
  type GrantRefusal,
  type InForce,
  type RevokeRefusal,
  type Role,
} from '../domain/grant.ts';
import { allows } from '../domain/permission.ts';
import { type RolesChange, rolesChangedEvent } from '../messages/events.ts';
import {
  endExpired,
  endGrant,
  eraseGrants,
  findGrant,
  grantsWith,
  insertGrant,
  listGrants,
  usersWithExpired,
} from '../store/grants.ts';
import { bumpRolesVersion, listRoles, lockGranting, lockHolder, type Rights, readRights } from '../store/roles.ts';

export type App = ReturnType<typeof createApp>;

export interface Deps {
  db: Db;
  now: () => bigint;
  /** A transaction of one's own, with the news of it. */
  commit: Commit;
  /** For a change inside the transaction of a consumer. */
  append: Append;
}

/** Who asks for a change: a user by id, or a service acting for itself. */
export type ChangedBy = { kind: 'user'; userId: string } | { kind: 'service'; name: string };

export interface RoleChange {
  userId: string;
  role: string;
  reason: string;
  by: ChangedBy;
}

const OURSELVES = 'service:security';
const SWEEP_BATCH = 100;

export function createApp({ db, now, commit, append }: Deps) {
  return {
    rights(userId: string): Promise<Rights> {
      return readRights(db, userId, now());
    },

    async check(userId: string, permission: string): Promise<{ allowed: boolean; rolesVersion: bigint }> {
      const { permissions, rolesVersion } = await readRights(db, userId, now());
      return { allowed: allows(permissions, permission), rolesVersion };
    },

    listRoles(): Promise<Role[]> {
      return listRoles(db);
    },

    listGrants(query: Parameters<typeof listGrants>[1]): Promise<Grant[]> {
      return listGrants(db, query, now());
    },

    async grantRole(change: RoleChange & { expiresAtUs: bigint | undefined }): Promise<Grant> {
      const { userId, reason, by } = change;
      // Kept in milliseconds, so compared in milliseconds.
      const expiresAtUs = change.expiresAtUs === undefined ? undefined : usFromDate(dateFromUs(change.expiresAtUs));
      return commit(async (tx, say) => {
        const { role, granter, inForce, atUs } = await openChange(tx, change, say);
        const decision = decideGrant({ userId, granter, role, expiresAtUs }, inForce, atUs);
        if (decision.type === 'refused') throw refusal(decision.reason);
        if (decision.type === 'unchanged') return decision.grant;
        if (decision.replaces !== undefined) {
          await endGrant(tx, decision.replaces.id, { as: 'replaced', by: nameOf(by), reason, atUs });
        }
        const made: Grant = {
          id: uuidv7(),
          userId,
          role: change.role,
          grantedBy: nameOf(by),
          reason,
          grantedAtUs: atUs,
          expiresAtUs,
        };
        await insertGrant(tx, made);
        say(await changed(tx, { userId, change: 'granted', role: made.role, changedBy: nameOf(by), reason }));
        return made;
      });
    },

    async revokeRole(change: RoleChange): Promise<string> {
      const { userId, reason, by } = change;
      return commit(async (tx, say) => {
        const { role, granter, inForce, atUs } = await openChange(tx, change, say);
        const decision = decideRevoke({ userId, granter, role }, inForce);
        if (decision.type === 'refused') throw refusal(decision.reason);
        await endGrant(tx, decision.grant.id, { as: 'revoked', by: nameOf(by), reason, atUs });
        say(await changed(tx, { userId, change: 'revoked', role: change.role, changedBy: nameOf(by), reason }));
        return decision.grant.id;
      });
    },

    /**
     * Ends what has run out and tells of it, a user at a time. What was expired is refused already, at every reading;
     * running it twice, or on two instances, ends and announces each grant once. Answers how many grants it ended.
     */
    async expireGrants(): Promise<number> {
      let ended = 0;
      for (;;) {
        const users = await usersWithExpired(db, now(), SWEEP_BATCH);
        for (const userId of users) {
          ended += await commit(async (tx, say) => {
            await lockHolder(tx, userId);
            return expire(tx, userId, now(), say);
          });
        }
        if (users.length < SWEEP_BATCH) return ended;
      }
    },

    /** Part of a user's erasure, in the transaction of the event that asked for it. */
    async eraseUser(tx: Tx, userId: string): Promise<void> {
      await lockHolder(tx, userId);
      for (const { role } of await eraseGrants(tx, userId, now(), OURSELVES)) {
        await append(tx, [await changed(tx, { userId, change: 'revoked', role, changedBy: OURSELVES, reason: '' })]);
      }
    },
  };

  /** Locks what the rules look at and reads it. Always in this order, so that no two changes wait for each other. */
  async function openChange(tx: Tx, change: RoleChange, say: Say) {
    const atUs = now();
    const role = (await listRoles(tx)).find(({ name }) => name === change.role);
    if (role?.permissions.includes(GRANTING)) await lockGranting(tx);
    await lockHolder(tx, change.userId);
    await expire(tx, change.userId, atUs, say);
    const inForce: InForce = {
      current: await findGrant(tx, change.userId, change.role, atUs),
      granting: await grantsWith(tx, GRANTING, atUs),
    };
    return { role, granter: await granterOf(tx, change.by, atUs), inForce, atUs };
  }
}

async function expire(tx: Tx, userId: string, atUs: bigint, say: Say): Promise<number> {
  const ended = await endExpired(tx, userId, atUs, OURSELVES);
  for (const { role } of ended) {
    say(await changed(tx, { userId, change: 'expired', role, changedBy: OURSELVES, reason: '' }));
  }
  return ended.length;
}

/** The news of a change, with the version that makes older tokens of the user worth asking about. */
async function changed(tx: Tx, change: Omit<RolesChange, 'rolesVersion'>): Promise<OutgoingEvent> {
  const rolesVersion = await bumpRolesVersion(tx, change.userId);
  return rolesChangedEvent({ ...change, rolesVersion });
}

/** The rights of now, not those the gateway remembers: one whose role was just revoked grants nothing any more. */
async function granterOf(tx: Tx, by: ChangedBy, atUs: bigint): Promise<Granter> {
  if (by.kind === 'service') return by;
  const { permissions } = await readRights(tx, by.userId, atUs);
  return { ...by, permissions };
}

function nameOf(by: ChangedBy): string {
  return by.kind === 'user' ? by.userId : `service:${by.name}`;
}

const refusal = refusalsOf<GrantRefusal | RevokeRefusal>({
  unknown_role: { code: 'not_found', message: 'there is no such role', field: 'role' },
  role_of_everybody: { code: 'failed_precondition', message: 'everybody has this role', field: 'role' },
  not_permitted: { code: 'permission_denied', message: 'not allowed: role:grant' },
  self_grant: { code: 'permission_denied', message: 'nobody grants a role to themselves' },
  exceeds_own_rights: { code: 'permission_denied', message: 'the role has rights that you do not have' },
  expiry_not_in_future: { code: 'invalid_argument', message: 'should be in the future', field: 'expires_at_us' },
  not_granted: { code: 'not_found', message: 'the user does not have this role' },
  last_admin: { code: 'failed_precondition', message: 'nobody would be left who can grant roles' },
});
