import type { Db, Tx } from '@andvari/kit/db/types';
import type { Preferences } from '../domain/preferences.ts';

export async function findPreferences(db: Db | Tx, userId: string): Promise<Preferences | undefined> {
  const [row] = await db<Preferences[]>`
    select user_id as "userId", theme, display_currency as "displayCurrency", confirm_orders as "confirmOrders",
      muted_notifications as "mutedNotifications", version
    from preferences where user_id = ${userId}`;
  return row;
}

export async function savePreferences(tx: Tx, preferences: Preferences): Promise<void> {
  const { userId, theme, displayCurrency, confirmOrders, mutedNotifications, version } = preferences;
  await tx`
    insert into preferences (user_id, theme, display_currency, confirm_orders, muted_notifications, version)
    values (${userId}, ${theme}, ${displayCurrency}, ${confirmOrders}, ${[...mutedNotifications]}::text[], ${version})
    on conflict (user_id) do update set theme = excluded.theme, display_currency = excluded.display_currency,
      confirm_orders = excluded.confirm_orders, muted_notifications = excluded.muted_notifications,
      version = excluded.version`;
}
