import { createDeletions, type DeletionNeighbours } from './app/deletions.ts';
import { createNotifications, type NotificationNeighbours } from './app/notifications.ts';
import { createPreferences } from './app/preferences.ts';
import { createProfiles } from './app/profiles.ts';
import { createWatchlists } from './app/watchlists.ts';

export type App = ReturnType<typeof createApp>;

/** The use cases, by what they are about. */
export function createApp(neighbours: NotificationNeighbours & DeletionNeighbours) {
  return {
    profiles: createProfiles(neighbours),
    preferences: createPreferences(neighbours),
    watchlists: createWatchlists(neighbours),
    notifications: createNotifications(neighbours),
    deletions: createDeletions(neighbours),
  };
}
