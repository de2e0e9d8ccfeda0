import type { AuditEntry as AuditEntryMessage, VerifyAuditResponse } from '@andvari/proto/security/v1/security';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import { textOrNull } from '../text.ts';

const AuditDetail = builder.objectRef<{ name: string; value: string }>('AuditDetail').implement({
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
});

export const AuditEntry = builder.objectRef<AuditEntryMessage>('AuditEntry').implement({
  fields: (t) => ({
    id: t.globalID({ resolve: ({ sequence }) => ({ type: 'AuditEntry', id: String(sequence) }) }),
    sequence: t.string({ resolve: ({ sequence }) => String(sequence) }),
    actor: t.exposeString('actor', { description: 'A user id, or `service:` and a name.' }),
    action: t.exposeString('action'),
    entity: t.exposeString('entity'),
    result: t.exposeString('result'),
    address: t.string({ nullable: true, resolve: ({ address }) => textOrNull(address) }),
    traceId: t.string({ nullable: true, resolve: ({ traceId }) => textOrNull(traceId) }),
    occurredAt: t.field({ type: 'DateTime', resolve: ({ occurredAtUs }) => occurredAtUs }),
    details: t.field({
      type: [AuditDetail],
      resolve: ({ details }) => Object.entries(details).map(([name, value]) => ({ name, value })),
    }),
    hash: t.string({ resolve: ({ hash }) => Buffer.from(hash).toString('hex') }),
  }),
});

const AuditVerification = builder.objectRef<VerifyAuditResponse>('AuditVerification').implement({
  fields: (t) => ({
    intact: t.exposeBoolean('intact'),
    checked: t.string({ resolve: ({ checked }) => String(checked) }),
    firstBadSequence: t.string({
      nullable: true,
      resolve: ({ firstBadSequence }) => (firstBadSequence === 0n ? null : String(firstBadSequence)),
    }),
    problem: t.string({ nullable: true, resolve: ({ problem }) => textOrNull(problem) }),
    nextSequence: t.string({
      nullable: true,
      description: 'Where to go on when the limit ended it.',
      resolve: ({ nextSequence }) => (nextSequence === 0n ? null : String(nextSequence)),
    }),
  }),
});

const AuditFilter = builder.inputType('AuditFilter', {
  description: 'What is left out does not narrow.',
  fields: (t) => ({
    actor: t.string(),
    action: t.string(),
    entity: t.string(),
    from: t.field({ type: 'DateTime' }),
    to: t.field({ type: 'DateTime' }),
  }),
});

/** One request is not to walk a trail of years. */
const MAX_VERIFIED = 100_000;

builder.queryFields((t) => ({
  auditLog: t.connection(
    {
      type: AuditEntry,
      nullable: true,
      complexity: connectionCost,
      authScopes: { mayToAll: 'audit:read' },
      args: { filter: t.arg({ type: AuditFilter }) },
      resolve: (_, { filter, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const answer = await clients.security.queryAudit({
            actor: filter?.actor ?? '',
            action: filter?.action ?? '',
            entity: filter?.entity ?? '',
            fromUs: filter?.from ?? 0n,
            toUs: filter?.to ?? 0n,
            page,
          });
          return { rows: answer.entries, pageInfo: answer.pageInfo };
        }),
    },
    { name: 'AuditEntryConnection' },
    { name: 'AuditEntryEdge' },
  ),
  verifyAudit: t.field({
    type: AuditVerification,
    nullable: true,
    complexity: 1000,
    authScopes: { mayToAll: 'audit:read' },
    args: {
      fromSequence: t.arg.int({ required: true, defaultValue: 0 }),
      limit: t.arg.int({ required: true, defaultValue: 10_000 }),
    },
    resolve: (_, { fromSequence, limit }, { clients }) =>
      clients.security.verifyAudit(
        { fromSequence: BigInt(fromSequence), limit: BigInt(Math.min(Math.max(limit, 1), MAX_VERIFIED)) },
        { timeoutMs: 8000 },
      ),
  }),
}));
