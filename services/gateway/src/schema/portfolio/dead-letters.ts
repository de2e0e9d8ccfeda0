import type {
  DeadLetter as DeadLetterMessage,
  RequeueDeadLettersResponse,
} from '@andvari/proto/portfolio/v1/portfolio';
import { may } from '../../identity/viewer.ts';
import { builder, refusalFor } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { uuidFrom } from '../entity-id.ts';
import { findInPages, loadEach } from '../find-node.ts';
import { ConfirmPassword, NotFound, refusals, refusing } from '../refusals.ts';
import { REASON } from '../text.ts';

const DeadLetter = builder.loadableNodeRef<DeadLetterMessage>('DeadLetter', {
  id: { resolve: ({ id }) => id },
  load: (ids: string[], { viewer, clients }: GatewayContext) =>
    loadEach(ids, (wanted) => {
      if (!may(viewer, 'ledger:verify')) throw refusalFor(viewer, 'ledger:verify');
      return findInPages(
        async (page) => {
          const { letters, pageInfo } = await clients.portfolio.listDeadLetters({ consumer: '', page });
          return { rows: letters, pageInfo };
        },
        ({ id }) => id === wanted,
      );
    }),
});

DeadLetter.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'deliveries' in value,
  description: 'A message that the ledger could not apply, kept until somebody decides. Its effect is missing.',
  fields: (t) => ({
    consumer: t.exposeString('consumer', { description: 'Whose message it is, within the ledger.' }),
    subject: t.exposeString('subject', { description: 'What it is about: `exec.0.….fill`.' }),
    eventId: t.exposeID('eventId', { description: 'The id that it was published under.' }),
    error: t.exposeString('error', { description: 'Why it could not be applied, the last time that it was tried.' }),
    failedAt: t.field({
      type: 'DateTime',
      description: 'When it was set aside.',
      resolve: ({ failedAtUs }) => failedAtUs,
    }),
    deliveries: t.exposeInt('deliveries', { description: 'How often it was delivered before that.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was applied again in vain.' }),
    isRequeued: t.boolean({
      description: 'Whether it is to be applied again, and was not yet.',
      resolve: ({ requeued }) => requeued,
    }),
  }),
});

const RequeuedDeadLetters = builder.objectRef<RequeueDeadLettersResponse>('RequeuedDeadLetters').implement({
  description: 'Dead letters that are to be applied again. Those that are gone soon after, were.',
  fields: (t) => ({
    deadLetters: t.field({
      type: [DeadLetter],
      description: 'As they were asked for, the oldest first.',
      resolve: ({ letters }) => letters,
    }),
  }),
});

const DroppedDeadLetters = builder.objectRef<{ ids: string[] }>('DroppedDeadLetters').implement({
  description: 'Dead letters that are gone for good.',
  fields: (t) => ({
    deletedIds: t.globalIDList({
      description: 'The global ids that they had.',
      resolve: ({ ids }) => ids.map((id) => ({ type: 'DeadLetter', id })),
    }),
  }),
});

const IDS =
  'Which, 100 at the most: UUIDs, or global ids of dead letters. All of them or, where one is not there, none.';

const RequeueDeadLettersInput = builder.inputType('RequeueDeadLettersInput', {
  description: 'Dead letters to apply again.',
  fields: (t) => ({ ids: t.idList({ required: true, description: IDS }) }),
});

const DropDeadLettersInput = builder.inputType('DropDeadLettersInput', {
  description: 'Dead letters to give up.',
  fields: (t) => ({
    ids: t.idList({ required: true, description: IDS }),
    reason: t.string({ required: true, description: REASON }),
  }),
});

builder.queryField('deadLetters', (t) =>
  t.connection(
    {
      type: DeadLetter,
      nullable: true,
      description:
        'For operators: messages that the ledger could not apply, the oldest first. Those of other services are at the command line alone.',
      complexity: connectionCost,
      authScopes: { mayToAll: 'ledger:verify' },
      args: { consumer: t.arg.string({ description: 'Of this consumer; of all without it.' }) },
      resolve: (_, { consumer, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const { letters, pageInfo } = await clients.portfolio.listDeadLetters({ consumer: consumer ?? '', page });
          return { rows: letters, pageInfo };
        }),
    },
    { name: 'DeadLetterConnection', description: 'A page of dead letters.' },
    { name: 'DeadLetterEdge', description: 'A dead letter and its place in the list.' },
  ),
);

builder.mutationFields((t) => ({
  requeueDeadLetters: t.field({
    type: RequeuedDeadLetters,
    nullable: true,
    description:
      'For operators: has dead letters applied again, each once, within a few seconds. One that fails again stays, with its newest error.',
    errors: refusals(NotFound),
    authScopes: { mayToAll: 'ledger:adjust' },
    args: { input: t.arg({ type: RequeueDeadLettersInput, required: true, description: 'Which.' }) },
    resolve: (_, { input }, { clients }) =>
      refusing(clients.portfolio.requeueDeadLetters({ ids: lettersFrom(input.ids) })),
  }),
  dropDeadLetters: t.field({
    type: DroppedDeadLetters,
    nullable: true,
    description:
      'For operators: deletes dead letters for good; what they say will never be applied. Needs a recent sign-in.',
    errors: refusals(NotFound, ConfirmPassword),
    authScopes: { mayToAll: 'ledger:adjust' },
    args: { input: t.arg({ type: DropDeadLettersInput, required: true, description: 'Which, and why.' }) },
    resolve: async (_, { input }, { clients }) => {
      const ids = lettersFrom(input.ids);
      await refusing(clients.portfolio.dropDeadLetters({ ids, reason: input.reason }));
      return { ids };
    },
  }),
}));

function lettersFrom(ids: readonly string[]): string[] {
  return ids.map((id, index) => uuidFrom('DeadLetter', `ids[${index}]`, id));
}
