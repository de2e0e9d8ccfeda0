import { assert, invalid } from '@andvari/kit/base/errors';
import type { Factor, FactorProof } from '@andvari/proto/auth/v1/auth';
import { factorProof } from '../../identity/factor-proof.ts';
import { builder } from '../builder.ts';
import {
  ConfirmPassword,
  InvalidInput,
  NotFound,
  NotPossible,
  RefusalError,
  refusals,
  refusalType,
  refusing,
} from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { REASON } from '../text.ts';
import { User, userIdFrom } from '../user/user.ts';
import { signedIn } from '../viewer-scope.ts';

class WrongCode extends RefusalError {}
refusalType(WrongCode, 'The code is not right, or has been used. Wrong ones are counted.');

const SecondFactor = builder.objectRef<Factor>('SecondFactor').implement({
  description: 'Codes of a device that signing in takes besides the password.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', { description: 'Whether signing in takes a code.' }),
    enabledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when; null where it does not.',
      resolve: ({ enabledAtUs }) => timeOrNull(enabledAtUs),
    }),
    recoveryCodesLeft: t.exposeInt('recoveryCodesLeft', { description: 'How many recovery codes were not used yet.' }),
  }),
});

const SecondFactorSecret = builder.objectRef<{ secret: string; uri: string }>('SecondFactorSecret').implement({
  description:
    'What a device makes codes of. It counts for nothing before `confirmSecondFactor`, and for a quarter of an hour.',
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'In base32, shown this once.' }),
    uri: t.exposeString('uri', { description: 'The same with issuer and account, as `otpauth://` URI.' }),
  }),
});

interface Enabled {
  factor: Factor;
  recoveryCodes: string[];
}

const SecondFactorEnabled = builder.objectRef<Enabled>('SecondFactorEnabled').implement({
  description: 'Signing in takes a code from now on.',
  fields: (t) => ({
    secondFactor: t.field({ type: SecondFactor, description: 'As it is now.', resolve: ({ factor }) => factor }),
    recoveryCodes: t.exposeStringList('recoveryCodes', {
      description: 'Each lets its bearer in once, in place of a code. Shown this once.',
    }),
  }),
});

const RecoveryCodesRenewed = builder.objectRef<Enabled>('RecoveryCodesRenewed').implement({
  description: 'The recovery codes of before are good for nothing any more.',
  fields: (t) => ({
    secondFactor: t.field({ type: SecondFactor, description: 'As it is now.', resolve: ({ factor }) => factor }),
    recoveryCodes: t.exposeStringList('recoveryCodes', { description: 'The new ones, shown this once.' }),
  }),
});

const SecondFactorDisabled = builder.objectRef<Factor>('SecondFactorDisabled').implement({
  description: 'The password is enough to sign in.',
  fields: (t) => ({
    secondFactor: t.field({ type: SecondFactor, description: 'As it is now.', resolve: (factor) => factor }),
  }),
});

const SecondFactorRemoved = builder.objectRef<{ userId: string }>('SecondFactorRemoved').implement({
  description: 'Somebody signs in with their password alone again.',
  fields: (t) => ({
    userId: t.exposeID('userId', { description: 'The UUID of who had it.' }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'Who had it; null where the viewer may not see them.',
      resolve: ({ userId }) => userId,
    }),
  }),
});

const SecondFactorProof = builder.inputType('SecondFactorProof', {
  description: 'One of the two.',
  fields: (t) => ({
    code: t.string({ description: 'A code of the device.' }),
    recoveryCode: t.string({ description: 'One of the recovery codes, which is used up by it.' }),
  }),
});

const RemoveSecondFactorInput = builder.inputType('RemoveSecondFactorInput', {
  description: 'A second factor to take from somebody else.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Whose: a UUID, or the global id of a User.' }),
    reason: t.string({ required: true, description: REASON }),
  }),
});

builder.queryField('secondFactor', (t) =>
  t.field({
    type: SecondFactor,
    nullable: true,
    description: 'One’s own.',
    authScopes: { may: 'password:change' },
    resolve: async (_, _args, context) => {
      const { factor } = await context.clients.auth.getFactor({ userId: signedIn(context).userId });
      return factor ?? OFF;
    },
  }),
);

const byReason = { factor_code_wrong: WrongCode };

builder.mutationFields((t) => ({
  enrolSecondFactor: t.field({
    type: SecondFactorSecret,
    nullable: true,
    description: 'Makes a secret for a device, another one each time until one is confirmed. Needs a recent sign-in.',
    errors: refusals(NotPossible, ConfirmPassword),
    authScopes: { may: 'password:change' },
    resolve: (_, _args, context) => refusing(context.clients.auth.enrolFactor({ userId: signedIn(context).userId })),
  }),
  confirmSecondFactor: t.field({
    type: SecondFactorEnabled,
    nullable: true,
    description: 'Shows that the device has the secret; signing in takes a code from then on. Needs a recent sign-in.',
    errors: refusals(NotPossible, WrongCode, ConfirmPassword),
    authScopes: { may: 'password:change' },
    args: { code: t.arg.string({ required: true, description: 'A code of the device; nobody signs in with it.' }) },
    resolve: async (_, { code }, context) => {
      const { userId } = signedIn(context);
      return enabledFrom(await refusing(context.clients.auth.confirmFactor({ userId, code }), byReason));
    },
  }),
  renewRecoveryCodes: t.field({
    type: RecoveryCodesRenewed,
    nullable: true,
    description: 'Makes ten new recovery codes in place of those that are left. Needs a recent sign-in.',
    errors: refusals(NotPossible, WrongCode, ConfirmPassword),
    authScopes: { may: 'password:change' },
    args: { proof: t.arg({ type: SecondFactorProof, required: true, description: 'That it is you.' }) },
    resolve: async (_, { proof }, context) => {
      const request = { userId: signedIn(context).userId, proof: proofFrom(proof) };
      return enabledFrom(await refusing(context.clients.auth.renewRecoveryCodes(request), byReason));
    },
  }),
  disableSecondFactor: t.field({
    type: SecondFactorDisabled,
    nullable: true,
    description: 'Lets the password be enough again. Needs a recent sign-in.',
    errors: refusals(NotPossible, WrongCode, ConfirmPassword),
    authScopes: { may: 'password:change' },
    args: { proof: t.arg({ type: SecondFactorProof, required: true, description: 'That it is you.' }) },
    resolve: async (_, { proof }, context) => {
      const request = { userId: signedIn(context).userId, proof: proofFrom(proof) };
      await refusing(context.clients.auth.disableFactor(request), byReason);
      return OFF;
    },
  }),
  removeSecondFactor: t.field({
    type: SecondFactorRemoved,
    nullable: true,
    description:
      'For administrators: takes the second factor from somebody else, who has lost both their device and their recovery codes. Needs a recent sign-in.',
    errors: refusals(NotFound, NotPossible, ConfirmPassword),
    authScopes: { mayToAll: 'factor:remove' },
    args: { input: t.arg({ type: RemoveSecondFactorInput, required: true }) },
    resolve: async (_, { input }, { clients }) => {
      const userId = userIdFrom(input.userId);
      await refusing(clients.auth.removeFactor({ userId, reason: input.reason }));
      return { userId };
    },
  }),
}));

const OFF: Factor = { enabled: false, enabledAtUs: 0n, recoveryCodesLeft: 0 };

function enabledFrom({ factor, recoveryCodes }: { factor: Factor | undefined; recoveryCodes: string[] }): Enabled {
  assert(factor, 'auth answered without the factor');
  return { factor, recoveryCodes };
}

function proofFrom(given: typeof SecondFactorProof.$inferInput): FactorProof {
  const proof = factorProof(given);
  if (proof === undefined)
    throw new InvalidInput(invalid('proof.code', 'should be given, or recoveryCode in its place'));
  return proof;
}
