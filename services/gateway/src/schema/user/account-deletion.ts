import { assert, isAppError } from '@andvari/kit/base/errors';
import { type Deletion, DeletionState as DeletionStateValue } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { ConfirmPassword, NotPossible, refusals, refusing } from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { signedIn } from '../viewer-scope.ts';
import { wordEnum } from '../word-enum.ts';

const DeletionState = builder.enumType('DeletionState', {
  description: 'How far the deletion of an account is.',
  values: {
    REQUESTED: { value: DeletionStateValue.DELETION_STATE_REQUESTED, description: 'Asked for.' },
    CHECKING: {
      value: DeletionStateValue.DELETION_STATE_CHECKING,
      description: 'Somebody looks whether anything stands in its way.',
    },
    ERASING: {
      value: DeletionStateValue.DELETION_STATE_ERASING,
      description: 'Each service erases its part; there is no way back.',
    },
    COMPLETED: { value: DeletionStateValue.DELETION_STATE_COMPLETED, description: 'Done.' },
    REFUSED: {
      value: DeletionStateValue.DELETION_STATE_REFUSED,
      description: 'Something stood in its way: `reason`. It may be asked for again.',
    },
    UNKNOWN: { value: DeletionStateValue.DELETION_STATE_UNSPECIFIED, description: 'Newer than this gateway.' },
  },
});

const DeletionObstacle = wordEnum('DeletionObstacle', 'What stands in the way of a deletion.', {
  open_orders: 'An order may still trade.',
  balance_remaining: 'Money is left in an account.',
  positions_remaining: 'Shares are left in an account.',
});

const AccountDeletion = builder.objectRef<Deletion>('AccountDeletion').implement({
  description: 'The deletion of a user, over all services.',
  fields: (t) => ({
    state: t.field({
      type: DeletionState,
      description: 'How far it is.',
      resolve: ({ state }) => knownState(state),
    }),
    reason: t.field({
      type: DeletionObstacle.type,
      nullable: true,
      description: 'Why it was refused; null where it was not.',
      resolve: ({ reason }) => DeletionObstacle.orNull(reason),
    }),
    requestedAt: t.field({
      type: 'DateTime',
      description: 'When it was asked for.',
      resolve: ({ requestedAtUs }) => requestedAtUs,
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was completed or refused; null until then.',
      resolve: ({ finishedAtUs }) => timeOrNull(finishedAtUs),
    }),
  }),
});

builder.queryField('accountDeletion', (t) =>
  t.field({
    type: AccountDeletion,
    nullable: true,
    description: 'The deletion of one’s own account; null while nobody has asked for it.',
    authScopes: { may: 'account_deletion:request' },
    resolve: async (_, _args, context) => {
      try {
        return (await context.clients.user.getDeletion({ userId: signedIn(context).userId })).deletion ?? null;
      } catch (error) {
        if (isAppError(error, 'not_found')) return null;
        throw error;
      }
    },
  }),
);

builder.mutationField('requestAccountDeletion', (t) =>
  t.field({
    type: AccountDeletion,
    nullable: true,
    description:
      'Asks for one’s own account to be deleted. Refused while money, shares or open orders are left; asked again, the answer is the same.',
    errors: refusals(NotPossible, ConfirmPassword),
    authScopes: { may: 'account_deletion:request' },
    resolve: async (_, _args, context) => {
      const { userId } = signedIn(context);
      const { deletion } = await refusing(context.clients.user.requestDeletion({ userId }));
      assert(deletion, 'RequestDeletion answered without a deletion');
      return deletion;
    },
  }),
);

/** A state that a newer service speaks of is still a number here. */
function knownState(state: DeletionStateValue): Exclude<DeletionStateValue, -1> {
  const isKnown = state !== DeletionStateValue.UNRECOGNIZED && stateNumbers.has(state);
  return isKnown ? state : DeletionStateValue.DELETION_STATE_UNSPECIFIED;
}

const stateNumbers = new Set<number>(Object.values(DeletionStateValue));
