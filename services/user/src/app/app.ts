import { createDeletions, type DeletionDeps } from './deletions.ts';
import { createNotifications, type NotificationDeps } from './notifications.ts';
import { createPreferences } from './preferences.ts';
import { createProfiles } from './profiles.ts';
import { createWatchlists } from './watchlists.ts';

export type App = ReturnType<typeof createApp>;

/** The use cases, by what they are about. */
export function createApp(deps: NotificationDeps & DeletionDeps) {
  return {
    profiles: createProfiles(deps),
    preferences: createPreferences(deps),
    watchlists: createWatchlists(deps),
    notifications: createNotifications(deps),
    deletions: createDeletions(deps),
  };
}
