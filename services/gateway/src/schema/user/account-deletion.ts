import { assert, isAppError } from '@andvari/kit/base/errors';
import { type Deletion, DeletionState as DeletionStateValue } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { ConfirmPassword, NotPossible, refusals, refusing } from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { textOrNull } from '../text.ts';
import { signedIn } from '../viewer-scope.ts';

const DeletionState = builder.enumType('DeletionState', {
  values: {
    REQUESTED: { value: DeletionStateValue.DELETION_STATE_REQUESTED },
    CHECKING: { value: DeletionStateValue.DELETION_STATE_CHECKING },
    ERASING: { value: DeletionStateValue.DELETION_STATE_ERASING },
    COMPLETED: { value: DeletionStateValue.DELETION_STATE_COMPLETED },
    REFUSED: { value: DeletionStateValue.DELETION_STATE_REFUSED },
    UNKNOWN: { value: DeletionStateValue.DELETION_STATE_UNSPECIFIED, description: 'Newer than this gateway.' },
  },
});

const AccountDeletion = builder.objectRef<Deletion>('AccountDeletion').implement({
  fields: (t) => ({
    state: t.field({
      type: DeletionState,
      resolve: ({ state }) => knownState(state),
    }),
    reason: t.string({
      nullable: true,
      description: 'Why it was refused: `balance_remaining`, `open_orders`.',
      resolve: ({ reason }) => textOrNull(reason),
    }),
    requestedAt: t.field({ type: 'DateTime', resolve: ({ requestedAtUs }) => requestedAtUs }),
    finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ finishedAtUs }) => timeOrNull(finishedAtUs) }),
  }),
});

builder.queryField('accountDeletion', (t) =>
  t.field({
    type: AccountDeletion,
    nullable: true,
    description: 'Null while nobody has asked for it.',
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
