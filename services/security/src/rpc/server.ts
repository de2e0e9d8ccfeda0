import { AppError, invalid } from '@andvari/kit/base/errors';
import { authorize, authorizeAny, requireRecentSignIn } from '@andvari/kit/handler/authorize';
import { reasonFrom, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import { pageFrom, pageOf } from '@andvari/kit/handler/page';
import { serve } from '@andvari/kit/rpc/server';
import type { Caller } from '@andvari/proto/common/v1/common';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import type { App, ChangedBy } from '../app/app.ts';
import type { AuditTrail } from '../app/audit-trail.ts';
import type { VerifyAudit } from '../app/audit-verifier.ts';
import { isPermission } from '../domain/permission.ts';
import {
  auditCursorFrom,
  auditCursorTo,
  entryTo,
  grantTo,
  rightsTo,
  roleTo,
  verificationTo,
} from '../messages/convert.ts';
import type { SecurityMetrics } from '../metrics.ts';

const MAX_SOUGHT = 500;

export interface Served {
  app: App;
  trail: AuditTrail;
  verifyAudit: VerifyAudit;
  metrics: SecurityMetrics;
}

export function securityRpc({ app, trail, verifyAudit, metrics }: Served) {
  return serve(SecurityServiceService, {
    async checkPermission({ userId, permission }, { caller }) {
      requireUuid('user_id', userId);
      if (!isPermission(permission)) throw invalid('permission', 'should look like order:cancel or order:cancel:own');
      authorizeAsking(caller, userId);
      const answer = await app.check(userId, permission);
      metrics.checks.inc({ allowed: String(answer.allowed) });
      return answer;
    },

    async listPermissions({ userId }, { caller }) {
      requireUuid('user_id', userId);
      authorizeAsking(caller, userId);
      return rightsTo(await app.rights(userId));
    },

    async listRoles(_, { caller }) {
      authorizeAny(caller, 'role:read');
      return { roles: (await app.listRoles()).map(roleTo) };
    },

    async grantRole({ userId, role, expiresAtUs, reason }, { caller }) {
      requireUuid('user_id', userId);
      requireText('role', role, { min: 1, max: 40 });
      const why = reasonFrom('reason', reason);
      if (expiresAtUs < 0n || expiresAtUs > MAX_TIME_US) throw invalid('expires_at_us', 'should be a time, or 0');
      authorizeAny(caller, 'role:grant');
      const by = changedBy(caller);
      requireRecentSignIn(caller);
      const expiry = expiresAtUs === 0n ? undefined : expiresAtUs;
      return { grant: grantTo(await app.grantRole({ userId, role, reason: why, by, expiresAtUs: expiry })) };
    },

    async revokeRole({ userId, role, reason }, { caller }) {
      requireUuid('user_id', userId);
      requireText('role', role, { min: 1, max: 40 });
      const why = reasonFrom('reason', reason);
      authorizeAny(caller, 'role:grant');
      const by = changedBy(caller);
      requireRecentSignIn(caller);
      return { grantId: await app.revokeRole({ userId, role, reason: why, by }) };
    },

    async listGrants({ userId, page: request }, { caller }) {
      if (userId === '') authorizeAny(caller, 'role:read');
      else {
        requireUuid('user_id', userId);
        authorize(caller, 'role:read', userId);
      }
      const page = pageFrom(request, 1);
      const after = page.after === undefined ? undefined : String(page.after[0]);
      if (after !== undefined) requireUuid('page.after', after);
      const query = { userId: userId === '' ? undefined : userId, after, limit: page.first + 1 };
      const { rows, pageInfo } = pageOf(await app.listGrants(query), page, ({ id }) => [id]);
      return { grants: rows.map(grantTo), pageInfo };
    },

    async queryAudit({ page: request, ...narrowed }, { caller }) {
      for (const [field, value] of [
        ['actor', narrowed.actor],
        ['action', narrowed.action],
        ['entity', narrowed.entity],
      ] as const) {
        requireText(field, value, { max: MAX_SOUGHT });
      }
      authorizeAny(caller, 'audit:read');
      const page = pageFrom(request, 2);
      const found = await trail.query({ ...narrowed, after: auditCursorFrom(page.after), limit: page.first + 1 });
      const { rows, pageInfo } = pageOf(found, page, auditCursorTo);
      return { entries: rows.map(entryTo), pageInfo };
    },

    async verifyAudit({ fromSequence, limit }, { caller, signal }) {
      if (fromSequence < 0n) throw invalid('from_sequence', 'should not be negative');
      if (limit < 0n) throw invalid('limit', 'should not be negative');
      authorizeAny(caller, 'audit:read');
      const verification = await verifyAudit(fromSequence, limit, signal);
      metrics.verifications.inc({ problem: verification.problem?.what ?? 'none' });
      return verificationTo(verification);
    },
  });
}

/** The year 9999: behind it the database could not keep it. */
const MAX_TIME_US = 253_402_300_799_000_000n;

/**
 * Everybody may ask about themselves, whatever their scopes: that is how a gateway learns them. About others, those who
 * may read roles.
 */
function authorizeAsking(caller: Caller, userId: string): void {
  if (caller.userId !== userId) authorizeAny(caller, 'role:read');
}

/** A user, or a service for itself. What passed without a user and is no service of its own accord, changes nothing. */
function changedBy({ userId, service }: Caller): ChangedBy {
  if (userId !== '') return { kind: 'user', userId };
  if (service !== '' && service !== 'gateway') return { kind: 'service', name: service };
  throw new AppError('permission_denied', 'not allowed: role:grant', { reason: 'permission_missing' });
}
