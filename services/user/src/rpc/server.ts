import { invalid } from '@andvari/kit/base/errors';
import { allowImport } from '@andvari/kit/handler/allow-import';
import { authorize, authorizeAny, requireRecentSignIn } from '@andvari/kit/handler/authorize';
import {
  reasonFrom,
  requireAtMost,
  requireName,
  requireText,
  requireUuid,
  requireUuids,
} from '@andvari/kit/handler/inputs';
import { MAX_PAGE, pageFrom, pageOf } from '@andvari/kit/handler/page';
import { serve } from '@andvari/kit/rpc/server';
import type { Caller } from '@andvari/proto/common/v1/common';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import type { App } from '../app/app.ts';
import { MAX_SYMBOLS, MAX_WATCHLISTS } from '../domain/watchlist.ts';
import {
  deletionTo,
  notificationTo,
  onboardingFrom,
  preferencesChangeFrom,
  preferencesTo,
  profileChangeFrom,
  profileTo,
  watchlistChangeFrom,
  watchlistTo,
} from '../messages/convert.ts';

const MAX_BATCH = 100;
const MAX_IMPORTED = 20_000;
/** What each text may really be is a rule of the domain; this only bounds what is looked at. */
const MAX_TEXT = 1000;

export function userRpc(
  { profiles, preferences, watchlists, notifications, deletions }: App,
  options: { development: boolean },
) {
  return serve(UserServiceService, {
    async getProfile({ userId }, { caller }) {
      allow(caller, 'profile:read', userId);
      return { profile: profileTo(await profiles.get(userId)) };
    },

    async batchGetProfiles({ userIds }, { caller }) {
      if (userIds.length > MAX_BATCH) throw invalid('user_ids', `at most ${MAX_BATCH}`);
      requireUuids('user_ids', userIds);
      for (const userId of userIds) authorize(caller, 'profile:read', userId);
      return { profiles: (await profiles.find(userIds)).map(profileTo) };
    },

    async searchProfiles({ text, page: request }, { caller }) {
      authorizeAny(caller, 'profile:read');
      requireText('text', text, { min: 2, max: 100 });
      const page = pageFrom(request, 1);
      if (page.after !== undefined) requireUuid('page.after', String(page.after[0]));
      const { rows, pageInfo } = pageOf(await profiles.search(text, page), page, ({ userId }) => [userId]);
      return { profiles: rows.map(profileTo), pageInfo };
    },

    async updateProfile(request, { caller }) {
      allow(caller, 'profile:update', request.userId);
      requireName('given_name', request.givenName ?? '', { max: MAX_TEXT });
      requireName('family_name', request.familyName ?? '', { max: MAX_TEXT });
      const profile = await profiles.update(request.userId, profileChangeFrom(request), request.expectedVersion);
      return { profile: profileTo(profile) };
    },

    async getPreferences({ userId }, { caller }) {
      allow(caller, 'preferences:read', userId);
      return { preferences: preferencesTo(await preferences.get(userId)) };
    },

    async updatePreferences(request, { caller }) {
      allow(caller, 'preferences:update', request.userId);
      requireAtMost('muted_notifications', request.mutedNotifications?.kinds, MAX_BATCH);
      const { userId, expectedVersion } = request;
      const changed = await preferences.update(userId, preferencesChangeFrom(request), expectedVersion);
      return { preferences: preferencesTo(changed) };
    },

    async reviewOnboarding({ userId, state, reason }, { caller }) {
      requireUuid('user_id', userId);
      authorizeAny(caller, 'onboarding:review');
      const why = reason.trim() === '' ? '' : reasonFrom('reason', reason);
      const by = { userId: caller.userId, name: nameOf(caller) };
      return { profile: profileTo(await profiles.review(userId, onboardingFrom(state, why), by)) };
    },

    async listWatchlists({ userId }, { caller }) {
      allow(caller, 'watchlist:read', userId);
      return { watchlists: (await watchlists.list(userId)).map(watchlistTo) };
    },

    async createWatchlist({ userId, name, symbols }, { caller }) {
      allow(caller, 'watchlist:update', userId);
      requireAtMost('symbols', symbols, MAX_SYMBOLS);
      requireName('name', name, { max: MAX_TEXT });
      return { watchlist: watchlistTo(await watchlists.create(userId, { name, symbols })) };
    },

    async updateWatchlist(request, { caller }) {
      const { userId, id, expectedVersion } = request;
      allow(caller, 'watchlist:update', userId);
      requireUuid('id', id);
      requireAtMost('symbols', request.symbols?.symbols, MAX_SYMBOLS);
      requireName('name', request.name ?? '', { max: MAX_TEXT });
      const watchlist = await watchlists.update(userId, id, watchlistChangeFrom(request), expectedVersion);
      return { watchlist: watchlistTo(watchlist) };
    },

    async deleteWatchlist({ userId, id }, { caller }) {
      allow(caller, 'watchlist:update', userId);
      requireUuid('id', id);
      await watchlists.remove(userId, id);
      return {};
    },

    async reorderWatchlists({ userId, ids }, { caller }) {
      allow(caller, 'watchlist:update', userId);
      requireAtMost('ids', ids, MAX_WATCHLISTS);
      requireUuids('ids', ids);
      return { watchlists: (await watchlists.reorder(userId, ids)).map(watchlistTo) };
    },

    async listNotifications({ userId, unreadOnly, page: request, ids }, { caller }) {
      allow(caller, 'notification:read', userId);
      requireAtMost('ids', ids, MAX_PAGE);
      requireUuids('ids', ids);
      const page = pageFrom(request, 1);
      const after = page.after === undefined ? undefined : String(page.after[0]);
      if (after !== undefined) requireUuid('page.after', after);
      const found = await notifications.list({ userId, unreadOnly, ids, after, limit: page.first + 1 });
      const { rows, pageInfo } = pageOf(found, page, ({ id }) => [id]);
      return { notifications: rows.map(notificationTo), pageInfo };
    },

    async countUnreadNotifications({ userId }, { caller }) {
      allow(caller, 'notification:read', userId);
      return { count: await notifications.countUnread(userId) };
    },

    async markNotificationsRead({ userId, ids }, { caller }) {
      allow(caller, 'notification:update', userId);
      requireAtMost('ids', ids, MAX_PAGE);
      requireUuids('ids', ids);
      const { unreadCount, marked } = await notifications.markRead(userId, ids);
      return { unreadCount, marked: marked.map(notificationTo) };
    },

    async requestDeletion({ userId }, { caller }) {
      allow(caller, 'account_deletion:request', userId);
      requireRecentSignIn(caller);
      return { deletion: deletionTo(await deletions.request(userId)) };
    },

    async getDeletion({ userId }, { caller }) {
      allow(caller, 'account_deletion:request', userId);
      return { deletion: deletionTo(await deletions.get(userId)) };
    },

    async importProfiles({ profiles: imported }, { caller }) {
      allowImport(caller, options);
      requireAtMost('profiles', imported, MAX_IMPORTED);
      for (const [index, { userId, email, ...names }] of imported.entries()) {
        requireUuid(`profiles[${index}].user_id`, userId);
        for (const [name, text] of Object.entries({
          email,
          given_name: names.givenName,
          family_name: names.familyName,
        }))
          requireName(`profiles[${index}].${name}`, text, { min: 1, max: 100 });
      }
      return { imported: await profiles.import(imported) };
    },
  });
}

function allow(caller: Caller, permission: string, userId: string): void {
  requireUuid('user_id', userId);
  authorize(caller, permission, userId);
}

function nameOf({ userId, service }: Caller): string {
  return userId === '' ? `service:${service}` : userId;
}
