import { assert } from '@andvari/kit/base/errors';
import type { Preferences as PreferencesMessage } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';

const Theme = builder.enumType('Theme', {
  values: { LIGHT: { value: 'light' }, DARK: { value: 'dark' }, SYSTEM: { value: 'system' } },
});

const Preferences = builder.objectRef<PreferencesMessage>('Preferences').implement({
  fields: (t) => ({
    theme: t.field({ type: Theme, resolve: ({ theme }) => themeFrom(theme) }),
    displayCurrency: t.exposeString('displayCurrency'),
    confirmOrders: t.exposeBoolean('confirmOrders'),
    mutedNotifications: t.exposeStringList('mutedNotifications', {
      description: 'Kinds of notifications that stay out of the inbox: `order.filled`.',
    }),
  }),
});

const UpdatePreferencesInput = builder.inputType('UpdatePreferencesInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    theme: t.field({ type: Theme }),
    displayCurrency: t.string(),
    confirmOrders: t.boolean(),
    mutedNotifications: t.stringList(),
  }),
});

builder.queryField('preferences', (t) =>
  t.field({
    type: Preferences,
    nullable: true,
    authScopes: { may: 'preferences:read' },
    resolve: async (_, _args, context) => {
      const { userId } = signedIn(context);
      return (await context.clients.user.getPreferences({ userId })).preferences ?? null;
    },
  }),
);

builder.mutationField('updatePreferences', (t) =>
  t.field({
    type: Preferences,
    nullable: true,
    errors: refusals(),
    authScopes: { may: 'preferences:update' },
    args: { input: t.arg({ type: UpdatePreferencesInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const { theme, displayCurrency, confirmOrders, mutedNotifications } = input;
      const { preferences } = await refusing(
        context.clients.user.updatePreferences({
          userId: signedIn(context).userId,
          theme: theme ?? undefined,
          displayCurrency: displayCurrency ?? undefined,
          confirmOrders: confirmOrders ?? undefined,
          mutedNotifications: mutedNotifications ? { kinds: mutedNotifications } : undefined,
        }),
      );
      assert(preferences, 'UpdatePreferences answered without preferences');
      return preferences;
    },
  }),
);

/** A theme of a newer service than this gateway reads as the neutral one. */
function themeFrom(theme: string): 'light' | 'dark' | 'system' {
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}
