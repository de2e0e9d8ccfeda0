import { builder } from '../builder.ts';
import { RefusalError, refusals, refusalType, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';

class WrongPassword extends RefusalError {}
refusalType(WrongPassword, 'The current password is not that.');
class UnfitPassword extends RefusalError {}
refusalType(UnfitPassword, 'The new password is too easy to guess.');

const PasswordChanged = builder.objectRef<{ userId: string }>('PasswordChanged').implement({
  description: 'All other sessions have ended.',
  fields: (t) => ({ userId: t.exposeID('userId') }),
});

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  fields: (t) => ({
    currentPassword: t.string({ required: true }),
    newPassword: t.string({ required: true }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    type: PasswordChanged,
    nullable: true,
    errors: refusals(WrongPassword, UnfitPassword),
    authScopes: { may: 'password:change' },
    args: { input: t.arg({ type: ChangePasswordInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { userId, sessionId } = signedIn(context);
      await refusing(context.clients.auth.changePassword({ userId, sessionId, ...input }), {
        credentials_invalid: WrongPassword,
        password_unfit: UnfitPassword,
      });
      return { userId };
    },
  }),
);
