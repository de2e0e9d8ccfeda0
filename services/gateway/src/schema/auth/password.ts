import { builder } from '../builder.ts';
import { RefusalError, refusals, refusalType, refusing } from '../refusals.ts';
import { User } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';

class WrongPassword extends RefusalError {}
refusalType(WrongPassword, 'The current password is not that.');
class UnfitPassword extends RefusalError {}
refusalType(UnfitPassword, 'The new password is too easy to guess.');

interface Changed {
  userId: string;
  revokedApiKeys: number;
  remainingApiKeys: number;
}

const PasswordChanged = builder.objectRef<Changed>('PasswordChanged').implement({
  description: 'All other sessions have ended.',
  fields: (t) => ({
    userId: t.exposeID('userId', { description: 'Whose password it is.' }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The same with their profile.',
      resolve: ({ userId }) => userId,
    }),
    revokedApiKeys: t.exposeInt('revokedApiKeys', { description: 'How many API keys have ended as well.' }),
    remainingApiKeys: t.exposeInt('remainingApiKeys', { description: 'How many API keys still work.' }),
  }),
});

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'A new password, and proof of knowing the old one.',
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: 'The one until now.' }),
    newPassword: t.string({ required: true, description: 'The one from now on.' }),
    revokeApiKeys: t.boolean({
      required: true,
      defaultValue: false,
      description: 'API keys are no sessions: they go on unless this is said.',
    }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    type: PasswordChanged,
    nullable: true,
    description: 'Changes one’s own password and ends all other sessions.',
    errors: refusals(WrongPassword, UnfitPassword),
    authScopes: { may: 'password:change' },
    args: { input: t.arg({ type: ChangePasswordInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { userId, sessionId } = signedIn(context);
      const keys = await refusing(context.clients.auth.changePassword({ userId, sessionId, ...input }), {
        password_wrong: WrongPassword,
        password_unfit: UnfitPassword,
      });
      return { userId, ...keys };
    },
  }),
);
