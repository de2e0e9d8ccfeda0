import { assert } from '@andvari/kit/base/errors';
import type { Preferences as PreferencesMessage } from '@andvari/proto/user/v1/user';
import { builder } from '../builder.ts';
import { refusals, refusing } from '../refusals.ts';
import { signedIn } from '../viewer-scope.ts';
import { NotificationKind } from './notification-kind.ts';

const Theme = builder.enumType('Theme', {
  description: 'The colours of the page.',
  values: {
    LIGHT: { value: 'light', description: 'Ink on paper.' },
    DARK: { value: 'dark', description: 'Paper on ink.' },
    SYSTEM: { value: 'system', description: 'As the device has it.' },
  },
});

const Preferences = builder.objectRef<PreferencesMessage>('Preferences').implement({
  description: 'How a user likes things.',
  fields: (t) => ({
    theme: t.field({ type: Theme, description: 'The colours of the page.', resolve: ({ theme }) => themeFrom(theme) }),
    displayCurrency: t.exposeString('displayCurrency', {
      description: 'In which sums over accounts are shown: three letters of ISO 4217.',
    }),
    confirmOrders: t.exposeBoolean('confirmOrders', {
      description: 'Whether the page asks once more before it sends an order.',
    }),
    mutedNotifications: t.field({
      type: [NotificationKind.type],
      description: 'Kinds of notifications that stay out of the inbox.',
      resolve: ({ mutedNotifications }) => mutedNotifications.map(NotificationKind.from),
    }),
  }),
});

const UpdatePreferencesInput = builder.inputType('UpdatePreferencesInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    theme: t.field({ type: Theme, description: 'The colours of the page.' }),
    displayCurrency: t.string({ description: 'Three letters of ISO 4217.' }),
    confirmOrders: t.boolean({ description: 'Whether the page asks once more before it sends an order.' }),
    mutedNotifications: t.field({
      type: [NotificationKind.type],
      description: 'The whole new list of kinds that stay out of the inbox.',
    }),
  }),
});

builder.queryField('preferences', (t) =>
  t.field({
    type: Preferences,
    nullable: true,
    description: 'One’s own preferences.',
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
    description: 'Changes one’s own preferences.',
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
