import { authorize } from '@andvari/kit/authorize';
import { invalid } from '@andvari/kit/errors';
import { requireUuid, requireUuids } from '@andvari/kit/inputs';
import { serve } from '@andvari/kit/rpc-server';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import type { App } from '../app.ts';
import { profileChangeFrom, profileTo } from './convert.ts';

const MAX_BATCH = 100;

/** What this service answers so far; the contract has more. */
const { getProfile, batchGetProfiles, updateProfile } = UserServiceService;
const definition = { getProfile, batchGetProfiles, updateProfile };

export function userRpc(app: App) {
  return serve(definition, {
    async getProfile({ userId }, { caller }) {
      requireUuid('user_id', userId);
      authorize(caller, 'profile:read', userId);
      return { profile: profileTo(await app.getProfile(userId)) };
    },

    async batchGetProfiles({ userIds }, { caller }) {
      if (userIds.length > MAX_BATCH) throw invalid('user_ids', `at most ${MAX_BATCH}`);
      requireUuids('user_ids', userIds);
      for (const userId of userIds) authorize(caller, 'profile:read', userId);
      return { profiles: (await app.findProfiles(userIds)).map(profileTo) };
    },

    async updateProfile(request, { caller }) {
      requireUuid('user_id', request.userId);
      authorize(caller, 'profile:update', request.userId);
      const profile = await app.updateProfile(request.userId, profileChangeFrom(request), request.expectedVersion);
      return { profile: profileTo(profile) };
    },
  });
}
