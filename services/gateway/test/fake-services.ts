import { randomUUID } from 'node:crypto';
import { AppError } from '@andvari/kit/base/errors';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { engineAnswers, stockAnswers } from './fake-market.ts';
import { orderAnswers } from './fake-order.ts';
import { portfolioAnswers } from './fake-portfolio.ts';
import {
  apiKeyOf,
  deletionOf,
  grantOf,
  NOW_US,
  notificationOf,
  preferencesOf,
  profileOf,
  sessionOf,
  watchlistOf,
} from './fake-rows.ts';
import { type Answers, FakeService, userIdOf } from './fake-service.ts';
import type { TestTokens } from './test-tokens.ts';

const noPage = { endCursor: '', hasNextPage: false };

export interface FakeWorld {
  auth: FakeService;
  security: FakeService;
  user: FakeService;
  stock: FakeService;
  portfolio: FakeService;
  order: FakeService;
  engine: FakeService;
  /** By user; who is not there has what a member has. */
  permissions: Map<string, string[]>;
  rolesVersions: Map<string, bigint>;
}

export const memberPermissions = [
  'profile:read:own',
  'profile:update:own',
  'preferences:read:own',
  'preferences:update:own',
  'watchlist:read:own',
  'watchlist:update:own',
  'notification:read:own',
  'notification:update:own',
  'account_deletion:request:own',
  'session:read:own',
  'session:revoke:own',
  'password:change:own',
  'role:read:own',
  'api_key:create:own',
  'api_key:read:own',
  'api_key:revoke:own',
  'account:read:own',
  'account:open:own',
  'account:update:own',
  'account:close:own',
  'portfolio:read:own',
  'funding:create:own',
  'funding:read:own',
  'transfer:create:own',
  'order:place:own',
  'order:cancel:own',
  'order:read:own',
  'instrument:read',
];
export const adminPermissions = [
  ...memberPermissions,
  'profile:read',
  'onboarding:review',
  'role:read',
  'role:grant',
  'factor:remove',
  'audit:read',
  'account:read',
  'portfolio:read',
  'funding:read',
  'order:read',
  'order:place',
  'order:cancel',
  'ledger:adjust',
  'ledger:verify',
  'fee_schedule:set',
  'market:halt',
  'instrument:write',
];

/** Every service of the world. */
export function servicesOf({ auth, security, user, stock, portfolio, order, engine }: FakeWorld): FakeService[] {
  return [auth, security, user, stock, portfolio, order, engine];
}

export function fakeWorld(tokens: TestTokens): FakeWorld {
  const permissions = new Map<string, string[]>();
  const rolesVersions = new Map<string, bigint>();
  return {
    permissions,
    rolesVersions,
    auth: new FakeService(AuthServiceService, authAnswers(tokens)),
    security: new FakeService(SecurityServiceService, securityAnswers(permissions, rolesVersions)),
    user: new FakeService(UserServiceService, userAnswers()),
    stock: new FakeService(StockServiceService, stockAnswers()),
    portfolio: new FakeService(PortfolioServiceService, portfolioAnswers()),
    order: new FakeService(OrderServiceService, orderAnswers()),
    engine: new FakeService(EngineServiceService, engineAnswers()),
  };
}

function authAnswers(tokens: TestTokens): Answers {
  const signedIn = async (userId: string) => ({
    accessToken: await tokens.sign({ sub: userId }),
    accessExpiresAtUs: BigInt(Date.now() + 300_000) * 1000n,
    refreshToken: `refresh-of-${userId}`,
    refreshExpiresAtUs: BigInt(Date.now() + 86_400_000) * 1000n,
    sessionId: randomUUID(),
    userId,
  });
  return {
    getJwks: () => ({ jwksJson: tokens.jwks() }),
    register: () => ({ userId: '', tokens: undefined }),
    login: async ({ email, password }: { email: string; password: string }) => {
      if (password !== 'correct') {
        throw new AppError('unauthenticated', 'wrong email or password', { reason: 'credentials_invalid' });
      }
      if (email.startsWith('guarded')) {
        const expiresAtUs = BigInt(Date.now() + 300_000) * 1000n;
        return { tokens: undefined, factorChallenge: { token: `challenge-of-${email}`, expiresAtUs } };
      }
      return { tokens: await signedIn(userIdOf(email)), factorChallenge: undefined };
    },
    completeLogin: async ({ challenge, proof }: { challenge: string; proof: { proof: { value: string } } }) => {
      const email = /^challenge-of-(.+)$/.exec(challenge)?.[1];
      if (email === undefined) throw new AppError('unauthenticated', 'no', { reason: 'factor_challenge_over' });
      if (proof.proof.value !== '123456' && proof.proof.value !== 'aaaa-bbbb-cccc-dddd') {
        throw new AppError('unauthenticated', 'no', { reason: 'factor_code_wrong' });
      }
      return { tokens: await signedIn(userIdOf(email)) };
    },
    getFactor: () => ({ factor: { enabled: true, enabledAtUs: NOW_US, recoveryCodesLeft: 9 } }),
    enrolFactor: () => ({
      secret: 'GEZDGNBVGY3TQOJQ',
      uri: 'otpauth://totp/Andvari:ada%40example.com?secret=GEZDGNBVGY3TQOJQ',
    }),
    confirmFactor: () => ({
      factor: { enabled: true, enabledAtUs: NOW_US, recoveryCodesLeft: 10 },
      recoveryCodes: ['aaaa-bbbb-cccc-dddd'],
    }),
    renewRecoveryCodes: () => ({
      factor: { enabled: true, enabledAtUs: NOW_US, recoveryCodesLeft: 10 },
      recoveryCodes: ['eeee-ffff-gggg-hhhh'],
    }),
    disableFactor: () => ({}),
    removeFactor: () => ({}),
    refresh: async ({ refreshToken }: { refreshToken: string }) => {
      const userId = /^refresh-of-(.+)$/.exec(refreshToken)?.[1];
      if (userId === undefined) throw new AppError('unauthenticated', 'no', { reason: 'refresh_invalid' });
      return { tokens: await signedIn(userId) };
    },
    logout: () => ({}),
    logoutAll: () => ({ revoked: 2, sessionIds: [randomUUID(), randomUUID()] }),
    verifyEmail: () => ({ userId: randomUUID() }),
    requestPasswordReset: () => ({}),
    resetPassword: () => ({}),
    changePassword: () => ({ revokedApiKeys: 0, remainingApiKeys: 1 }),
    confirmPassword: async ({ userId }: { userId: string }) => {
      const { accessToken, accessExpiresAtUs } = await signedIn(userId);
      return { accessToken, accessExpiresAtUs };
    },
    listSessions: ({ userId, page }: { userId: string; page: { first: number } }) => ({
      sessions: Array.from({ length: Math.min(page.first, 3) }, (_, index) => sessionOf(userId, `s${index}-${userId}`)),
      pageInfo: noPage,
    }),
    revokeSession: () => ({}),
    createApiKey: ({ userId }: { userId: string }) => ({ apiKey: apiKeyOf(userId), secret: 'shown-once' }),
    listApiKeys: ({ userId }: { userId: string }) => ({
      apiKeys: [apiKeyOf(userId)],
      pageInfo: noPage,
      grantableScopes: ['instrument:read', 'order:place:own'],
    }),
    revokeApiKey: () => ({}),
    authenticateApiKey: ({ id, secret }: { id: string; secret: string }) => {
      if (secret !== 'good-secret') throw new AppError('unauthenticated', 'no', { reason: 'api_key_invalid' });
      return { userId: id, scopes: ['profile:read:own'], expiresAtUs: 0n, dailyNotionalCap: 0n };
    },
    listDevelopmentMail: () => ({
      mails: [
        {
          id: '1',
          to: 'a@example.com',
          subject: '<b>Hello</b>',
          body: 'Open http://127.0.0.1:8080/verify?token=A-b_9 now',
          createdAtUs: NOW_US,
        },
      ],
    }),
  };
}

function securityAnswers(permissions: Map<string, string[]>, rolesVersions: Map<string, bigint>): Answers {
  return {
    listPermissions: ({ userId }: { userId: string }) => ({
      roles: ['member'],
      permissions: permissions.get(userId) ?? memberPermissions,
      rolesVersion: rolesVersions.get(userId) ?? 1n,
      validUntilUs: 0n,
    }),
    listRoles: () => ({ roles: [{ name: 'member', description: '', permissions: [] }] }),
    listGrants: ({ userId }: { userId: string }) => ({ grants: [grantOf(userId)], pageInfo: noPage }),
    grantRole: ({ userId }: { userId: string }) => ({ grant: grantOf(userId) }),
    revokeRole: () => ({ grantId: randomUUID() }),
    queryAudit: () => ({ entries: [], pageInfo: noPage }),
    verifyAudit: () => ({
      intact: true,
      checked: 7n,
      firstBadSequence: 0n,
      problem: '',
      checkpointsChecked: 1n,
      nextSequence: 0n,
    }),
  };
}

function userAnswers(): Answers {
  type OfUser = { userId: string };
  return {
    getProfile: ({ userId }: OfUser) => ({ profile: profileOf(userId) }),
    batchGetProfiles: ({ userIds }: { userIds: string[] }) => ({ profiles: userIds.map(profileOf) }),
    searchProfiles: () => ({ profiles: [profileOf(userIdOf('found'))], pageInfo: noPage }),
    updateProfile: ({ userId }: OfUser) => ({ profile: profileOf(userId) }),
    reviewOnboarding: ({ userId }: OfUser) => ({ profile: profileOf(userId) }),
    getPreferences: ({ userId }: OfUser) => ({ preferences: preferencesOf(userId) }),
    updatePreferences: ({ userId }: OfUser) => ({ preferences: preferencesOf(userId) }),
    listWatchlists: ({ userId }: OfUser) => ({ watchlists: [watchlistOf(userId), watchlistOf(userId, 'second')] }),
    createWatchlist: ({ userId }: OfUser) => ({ watchlist: watchlistOf(userId) }),
    updateWatchlist: ({ userId }: OfUser) => ({ watchlist: watchlistOf(userId) }),
    deleteWatchlist: () => ({}),
    reorderWatchlists: ({ userId }: OfUser) => ({ watchlists: [watchlistOf(userId)] }),
    listNotifications: ({ userId, page, ids }: { userId: string; page?: { first: number }; ids: string[] }) => ({
      notifications: Array.from({ length: Math.min(page?.first ?? 20, 5) }, (_, index) =>
        notificationOf(userId, `n${index}-${userId}`),
      ).filter(({ id }) => ids.length === 0 || ids.includes(id)),
      pageInfo: noPage,
    }),
    countUnreadNotifications: () => ({ count: 3 }),
    markNotificationsRead: ({ userId }: OfUser) => ({ unreadCount: 0, marked: [notificationOf(userId, 'n0')] }),
    requestDeletion: ({ userId }: OfUser) => ({ deletion: deletionOf(userId) }),
    getDeletion: ({ userId }: OfUser) => ({ deletion: deletionOf(userId) }),
  };
}
