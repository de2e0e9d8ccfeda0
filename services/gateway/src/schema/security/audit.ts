import * as events from '@andvari/proto/events';
import type { AuditEntry as AuditEntryMessage, VerifyAuditResponse } from '@andvari/proto/security/v1/security';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { textOrNull } from '../text.ts';
import { wordEnum } from '../word-enum.ts';

/** The trail calls an action as the subject of its event, without the subject's variables. */
const actions = Object.values(events).flatMap((event) =>
  'subject' in event ? [event.subject.replaceAll(/\.\{\w+\}/g, '')] : [],
);

const AuditAction = wordEnum(
  'AuditAction',
  'What the audit trail can tell of: every kind of event there is.',
  Object.fromEntries(actions.toSorted().map((action) => [action, `The event \`${action}\`.`])),
);

const AuditDetail = builder.objectRef<{ name: string; value: string }>('AuditDetail').implement({
  description: 'One more thing that is known of an action.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is: `account_id`.' }),
    value: t.exposeString('value', { description: 'As text; amounts of money in micro-units.' }),
  }),
});

export const AuditEntry = builder.objectRef<AuditEntryMessage>('AuditEntry').implement({
  description: 'One action in the audit trail, chained to the one before it.',
  fields: (t) => ({
    id: t.id({
      description: 'Its own for good, and no global id: the trail is read as a list.',
      resolve: ({ sequence }) => String(sequence),
    }),
    sequence: t.string({
      description: 'Its place in the trail, from 1 and without gaps.',
      resolve: ({ sequence }) => String(sequence),
    }),
    actor: t.exposeString('actor', { description: 'Who did it: a user id, `anonymous`, or `service:` and a name.' }),
    action: t.field({
      type: AuditAction.type,
      description: 'What was done.',
      resolve: ({ action }) => AuditAction.from(action),
    }),
    entity: t.exposeString('entity', { description: 'What it was done to: `order/…`, `user/…`.' }),
    result: t.exposeString('result', { description: '`ok`, or what came of it instead.' }),
    address: t.string({
      nullable: true,
      description: 'The network address it came from; null where there was none, and once its user is erased.',
      resolve: ({ address }) => textOrNull(address),
    }),
    traceId: t.string({
      nullable: true,
      description: 'The trace it belongs to; null where none was.',
      resolve: ({ traceId }) => textOrNull(traceId),
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When it was done.',
      resolve: ({ occurredAtUs }) => occurredAtUs,
    }),
    details: t.field({
      type: [AuditDetail],
      description:
        'What else is known of it. The `reason` that somebody gave goes when the user whom it is about is erased.',
      resolve: ({ details }) => Object.entries(details).map(([name, value]) => ({ name, value })),
    }),
    hash: t.string({
      description: 'SHA-256 over this entry and the hash of the one before, in hexadecimal.',
      resolve: ({ hash }) => Buffer.from(hash).toString('hex'),
    }),
  }),
});

const AuditVerification = builder.objectRef<VerifyAuditResponse>('AuditVerification').implement({
  description: 'Whether a stretch of the audit trail is as it was written.',
  fields: (t) => ({
    intact: t.exposeBoolean('intact', { description: 'Whether nothing was changed, removed or inserted.' }),
    checked: t.string({ description: 'How many entries were looked at.', resolve: ({ checked }) => String(checked) }),
    firstBadSequence: t.string({
      nullable: true,
      description: 'The first entry that is not as it was; null where all are.',
      resolve: ({ firstBadSequence }) => (firstBadSequence === 0n ? null : String(firstBadSequence)),
    }),
    problem: t.string({
      nullable: true,
      description: 'What is wrong with it; null where nothing is.',
      resolve: ({ problem }) => textOrNull(problem),
    }),
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
    actor: t.string({ description: 'By this user id, or `service:` and a name.' }),
    action: t.field({ type: AuditAction.type, description: 'This action.' }),
    entity: t.string({ description: 'Done to this: `order/…`.' }),
    from: t.field({ type: 'DateTime', description: 'Not before.' }),
    to: t.field({ type: 'DateTime', description: 'Before.' }),
  }),
});

/** One request is not to walk a trail of years. */
const MAX_VERIFIED = 100_000;

builder.queryFields((t) => ({
  auditLog: t.connection(
    {
      type: AuditEntry,
      nullable: true,
      description: 'For auditors: the audit trail, the newest first.',
      complexity: connectionCost,
      authScopes: { mayToAll: 'audit:read' },
      args: { filter: t.arg({ type: AuditFilter, description: 'Which.' }) },
      resolve: (_, { filter, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const asked = clients.security.queryAudit({
            actor: filter?.actor ?? '',
            action: filter?.action ?? '',
            entity: filter?.entity ?? '',
            fromUs: filter?.from ?? 0n,
            toUs: filter?.to ?? 0n,
            page,
          });
          const { entries, pageInfo } = await asNamedIn('auditLog', asked);
          return { rows: entries, pageInfo };
        }),
    },
    { name: 'AuditEntryConnection' },
    { name: 'AuditEntryEdge' },
  ),
  verifyAudit: t.field({
    type: AuditVerification,
    nullable: true,
    description: 'For auditors: computes a stretch of the trail anew and compares it with what was signed.',
    complexity: 1000,
    authScopes: { mayToAll: 'audit:read' },
    args: {
      fromSequence: t.arg.int({
        required: true,
        defaultValue: 0,
        description: 'From this entry on; from the first one where it is 0.',
      }),
      limit: t.arg.int({
        required: true,
        defaultValue: 10_000,
        description: `How many entries, ${MAX_VERIFIED} at the most.`,
      }),
    },
    resolve: (_, { fromSequence, limit }, { clients }) =>
      clients.security.verifyAudit(
        { fromSequence: BigInt(fromSequence), limit: BigInt(Math.min(Math.max(limit, 1), MAX_VERIFIED)) },
        { timeoutMs: 8000 },
      ),
  }),
}));
