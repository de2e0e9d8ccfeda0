import { invalid } from '@andvari/kit/base/errors';
import type { Cursor } from '@andvari/kit/handler/page';
import type {
  AuditEntry,
  Grant as GrantMessage,
  ListPermissionsResponse,
  Role as RoleMessage,
  VerifyAuditResponse,
} from '@andvari/proto/security/v1/security';
import type { Entry, Personal } from '../domain/audit-entry.ts';
import { type Problem, problems } from '../domain/audit-verification.ts';
import type { Grant, Role } from '../domain/grant.ts';

export function rightsTo(rights: {
  roles: readonly string[];
  permissions: readonly string[];
  rolesVersion: bigint;
  validUntilUs: bigint | undefined;
}): ListPermissionsResponse {
  const { roles, permissions, rolesVersion, validUntilUs = 0n } = rights;
  return { roles: [...roles], permissions: [...permissions], rolesVersion, validUntilUs };
}

export function roleTo({ name, description, permissions }: Role): RoleMessage {
  return { name, description, permissions: [...permissions] };
}

export function grantTo({ expiresAtUs = 0n, ...grant }: Grant): GrantMessage {
  return { ...grant, expiresAtUs };
}

export function entryTo(entry: Entry & { personal: Personal | undefined }): AuditEntry {
  const { sequence, eventId, actor, action, entity, result, traceId, occurredAtUs, details, personal, hash } = entry;
  const { userAgent = '', reason = '' } = personal ?? {};
  return {
    sequence,
    eventId,
    actor,
    action,
    entity,
    result,
    address: personal?.address ?? '',
    traceId,
    occurredAtUs,
    details: {
      ...(JSON.parse(details) as Record<string, string>),
      ...(userAgent === '' ? {} : { user_agent: userAgent }),
      ...(reason === '' ? {} : { reason }),
    },
    hash: Buffer.from(hash, 'hex'),
  };
}

export function verificationTo(verification: {
  checked: bigint;
  checkpointsChecked: bigint;
  problem: Problem | undefined;
  nextSequence: bigint | undefined;
}): VerifyAuditResponse {
  const { checked, checkpointsChecked, problem, nextSequence = 0n } = verification;
  return {
    intact: problem === undefined,
    checked,
    firstBadSequence: problem?.sequence ?? 0n,
    problem: problem === undefined ? '' : `${problem.what}: ${problems[problem.what]}`,
    checkpointsChecked,
    nextSequence,
  };
}

/** Times and sequences are too large for JSON's numbers, so a cursor has them as text. */
export function auditCursorFrom(cursor: Cursor | undefined): { occurredAtUs: bigint; sequence: bigint } | undefined {
  if (cursor === undefined) return undefined;
  const [occurredAtUs, sequence] = cursor.map(String);
  if (!isWhole(occurredAtUs) || !isWhole(sequence)) throw invalid('page.after', 'is not a cursor of this list');
  return { occurredAtUs: BigInt(occurredAtUs), sequence: BigInt(sequence) };
}

export function auditCursorTo({ occurredAtUs, sequence }: Entry): Cursor {
  return [occurredAtUs.toString(), sequence.toString()];
}

function isWhole(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,18}$/.test(text);
}
