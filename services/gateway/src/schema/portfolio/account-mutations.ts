import { assert } from '@andvari/kit/base/errors';
import type { AccountKind as AccountKinds } from '@andvari/proto/portfolio/v1/portfolio';
import { builder } from '../builder.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';
import { Account, AccountKind, accountIdFrom } from './account.ts';

const OpenAccountInput = builder.inputType('OpenAccountInput', {
  description: 'An account to open.',
  fields: (t) => ({
    kind: t.field({ type: AccountKind.type, required: true, description: 'What it is for.' }),
    currency: t.string({ required: true, description: 'Three letters of ISO 4217.' }),
    name: t.string({ required: true, description: 'As its owner calls it.' }),
    idempotencyKey: t.string({
      required: true,
      description: 'Made by the client for this intent: sent again with the same, nothing happens twice.',
    }),
  }),
});

const RenameAccountInput = builder.inputType('RenameAccountInput', {
  description: 'A new name for an account.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'Which.' }),
    name: t.string({ required: true, description: 'Its new name.' }),
  }),
});

builder.mutationFields((t) => ({
  openAccount: t.field({
    type: Account,
    nullable: true,
    description: 'Opens an account of one’s own.',
    errors: refusals(NotPossible),
    authScopes: { may: 'account:open' },
    args: { input: t.arg({ type: OpenAccountInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { kind, ...rest } }, context) => {
      const { userId } = signedIn(context);
      const request = { userId, kind: kind as AccountKinds, ...rest };
      const { account } = await refusing(context.clients.portfolio.openAccount(request));
      assert(account, 'OpenAccount answered without an account');
      return account;
    },
  }),
  renameAccount: t.field({
    type: Account,
    nullable: true,
    description: 'Calls an account something else.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'account:update' },
    args: { input: t.arg({ type: RenameAccountInput, required: true, description: 'Which, and how.' }) },
    resolve: async (_, { input: { accountId, name } }, { clients }) => {
      const request = { accountId: accountIdFrom('accountId', accountId), name };
      const { account } = await refusing(clients.portfolio.renameAccount(request));
      assert(account, 'RenameAccount answered without an account');
      return account;
    },
  }),
  closeAccount: t.field({
    type: Account,
    nullable: true,
    description: 'Closes an account that is empty and has nothing under way.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { may: 'account:close' },
    args: { accountId: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: async (_, { accountId: given }, { clients }) => {
      const accountId = accountIdFrom('accountId', given);
      const { account } = await refusing(clients.portfolio.closeAccount({ accountId }));
      assert(account, 'CloseAccount answered without an account');
      return account;
    },
  }),
}));
