import { AppError, invalid } from '@andvari/kit/base/errors';
import { allowImport } from '@andvari/kit/handler/allow-import';
import { authorize, authorizeAny, requireRecentSignIn } from '@andvari/kit/handler/authorize';
import { reasonFrom, requireAtMost, requireName, requireUuid } from '@andvari/kit/handler/inputs';
import { pageFrom, pageOf } from '@andvari/kit/handler/page';
import { serve } from '@andvari/kit/rpc/server';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import type { App } from '../app/app.ts';
import { grantableScopes } from '../domain/api-key.ts';
import { apiKeyTo, developmentMailTo, enabledFactorTo, sessionTo, tokensTo } from './convert.ts';
import {
  clientFrom,
  emailFrom,
  expiryFrom,
  givenPasswordFrom,
  pageByIdFrom,
  personFrom,
  proofFrom,
  refuseApiKey,
  requireCode,
  requireOwnFactor,
  requireService,
} from './inputs.ts';

const MAX_IMPORTED = 20_000;

export function authRpc(app: App, options: { development: boolean }) {
  return serve(AuthServiceService, {
    /** The answer is empty for everybody: user id and tokens would tell whether the address was free. */
    async register(request, { caller }) {
      const email = emailFrom('email', request.email);
      const password = givenPasswordFrom('password', request.password);
      const client = clientFrom(request.client, caller);
      await app.register({ ...personFrom(request), email, password, client });
      return { userId: '', tokens: undefined };
    },

    async verifyEmail({ token }) {
      return { userId: await app.verifyEmail(token) };
    },

    async login(request, { caller }) {
      const email = emailFrom('email', request.email);
      const password = givenPasswordFrom('password', request.password);
      const outcome = await app.login(email, password, clientFrom(request.client, caller));
      return outcome.type === 'signed_in'
        ? { tokens: tokensTo(outcome.tokens), factorChallenge: undefined }
        : { tokens: undefined, factorChallenge: { ...outcome.challenge } };
    },

    async completeLogin({ challenge, proof, client }, { caller }) {
      const given = proofFrom(proof);
      return { tokens: tokensTo(await app.completeLogin(challenge, given, clientFrom(client, caller))) };
    },

    async refresh(request, { caller }) {
      return { tokens: tokensTo(await app.refresh(request.refreshToken, clientFrom(request.client, caller))) };
    },

    async logout({ userId, sessionId }, { caller }) {
      requireUuid('user_id', userId);
      requireUuid('session_id', sessionId);
      authorize(caller, 'session:revoke', userId);
      await app.logout(userId, sessionId);
      return {};
    },

    async logoutAll({ userId, exceptSessionId }, { caller }) {
      requireUuid('user_id', userId);
      if (exceptSessionId !== '') requireUuid('except_session_id', exceptSessionId);
      refuseApiKey(caller);
      authorize(caller, 'session:revoke', userId);
      const sessionIds = await app.logoutAll(userId, exceptSessionId === '' ? undefined : exceptSessionId);
      return { revoked: sessionIds.length, sessionIds };
    },

    async changePassword(request, { caller }) {
      const { userId, sessionId, newPassword, revokeApiKeys } = request;
      requireUuid('user_id', userId);
      requireUuid('session_id', sessionId);
      refuseApiKey(caller);
      authorize(caller, 'password:change', userId);
      const currentPassword = givenPasswordFrom('current_password', request.currentPassword);
      const client = clientFrom(undefined, caller);
      return app.changePassword(userId, { sessionId, currentPassword, newPassword, revokeApiKeys, client });
    },

    async confirmPassword(request, { caller }) {
      const { userId, sessionId } = request;
      requireUuid('user_id', userId);
      requireUuid('session_id', sessionId);
      refuseApiKey(caller);
      authorize(caller, 'password:change', userId);
      const password = givenPasswordFrom('password', request.password);
      return app.confirmPassword(userId, { sessionId, password, client: clientFrom(undefined, caller) });
    },

    async requestPasswordReset({ email }) {
      await app.requestPasswordReset(emailFrom('email', email));
      return {};
    },

    async resetPassword({ token, newPassword, client }, { caller }) {
      await app.resetPassword(token, newPassword, clientFrom(client, caller));
      return {};
    },

    async getFactor({ userId }, { caller }) {
      requireUuid('user_id', userId);
      refuseApiKey(caller);
      authorize(caller, 'password:change', userId);
      return { factor: { ...(await app.getFactor(userId)) } };
    },

    async enrolFactor({ userId }, { caller }) {
      requireOwnFactor(caller, userId);
      return app.enrolFactor(userId);
    },

    async confirmFactor({ userId, code }, { caller }) {
      requireOwnFactor(caller, userId);
      return enabledFactorTo(await app.confirmFactor(userId, requireCode('code', code)));
    },

    async renewRecoveryCodes({ userId, proof }, { caller }) {
      requireOwnFactor(caller, userId);
      return enabledFactorTo(await app.renewRecoveryCodes(userId, proofFrom(proof)));
    },

    async disableFactor({ userId, proof }, { caller }) {
      requireOwnFactor(caller, userId);
      await app.disableFactor(userId, proofFrom(proof));
      return {};
    },

    /** Of others only: for one's own the code is asked for, whatever else one may do. */
    async removeFactor({ userId, reason }, { caller }) {
      requireUuid('user_id', userId);
      const why = reasonFrom('reason', reason);
      authorizeAny(caller, 'factor:remove');
      requireRecentSignIn(caller);
      if (caller.userId === userId) {
        throw new AppError('permission_denied', 'not your own: switch it off with a code', { reason: 'own_factor' });
      }
      await app.removeFactor(userId, {
        by: caller.userId === '' ? `service:${caller.service}` : caller.userId,
        reason: why,
      });
      return {};
    },

    async listSessions({ userId, page: request }, { caller }) {
      requireUuid('user_id', userId);
      authorize(caller, 'session:read', userId);
      const page = pageByIdFrom(request);
      const { rows, pageInfo } = pageOf(await app.listSessions(userId, page), page, ({ sessionId }) => [sessionId]);
      return { sessions: rows.map(sessionTo), pageInfo };
    },

    async revokeSession({ userId, sessionId }, { caller }) {
      requireUuid('user_id', userId);
      requireUuid('session_id', sessionId);
      refuseApiKey(caller);
      authorize(caller, 'session:revoke', userId);
      await app.revokeSession(userId, sessionId);
      return {};
    },

    async createApiKey(request, { caller }) {
      const { userId, name, scopes, dailyNotionalCap } = request;
      requireUuid('user_id', userId);
      refuseApiKey(caller);
      authorize(caller, 'api_key:create', userId);
      requireRecentSignIn(caller);
      requireName('name', name, { min: 1, max: 100 });
      if (dailyNotionalCap < 0n) throw invalid('daily_notional_cap', 'should not be negative');
      const expiresAtUs = expiryFrom('expires_at_us', request.expiresAtUs);
      const granted = caller.userId === '' ? undefined : caller.scopes;
      const { key, secret } = await app.createApiKey({ userId, name, scopes, expiresAtUs, dailyNotionalCap }, granted);
      return { apiKey: apiKeyTo(key), secret };
    },

    async listApiKeys({ userId, page: request }, { caller }) {
      requireUuid('user_id', userId);
      authorize(caller, 'api_key:read', userId);
      const page = pageByIdFrom(request);
      const { rows, pageInfo } = pageOf(await app.listApiKeys(userId, page), page, ({ id }) => [id]);
      const granted = caller.userId === '' ? [] : caller.scopes;
      return { apiKeys: rows.map(apiKeyTo), pageInfo, grantableScopes: grantableScopes(granted) };
    },

    async revokeApiKey({ userId, id }, { caller }) {
      requireUuid('user_id', userId);
      requireUuid('id', id);
      refuseApiKey(caller);
      authorize(caller, 'api_key:revoke', userId);
      await app.revokeApiKey(userId, id);
      return {};
    },

    async authenticateApiKey({ id, secret }, { caller }) {
      requireService(caller);
      requireUuid('id', id);
      const { userId, scopes, expiresAtUs, dailyNotionalCap } = await app.authenticateApiKey(id, secret);
      return { userId, scopes: [...scopes], expiresAtUs, dailyNotionalCap };
    },

    async getJwks(_, { caller }) {
      requireService(caller);
      return { jwksJson: await app.jwks() };
    },

    async listDevelopmentMail({ to, page }, { caller }) {
      requireService(caller);
      if (!options.development) {
        throw new AppError('permission_denied', 'in development only', { reason: 'development_only' });
      }
      const mails = await app.listDevelopmentMails(to === '' ? '' : emailFrom('to', to), pageFrom(page, 1).first);
      return { mails: mails.map(developmentMailTo) };
    },

    async importUsers({ password, users }, { caller }) {
      allowImport(caller, options);
      requireAtMost('users', users, MAX_IMPORTED);
      const people = users.map(({ userId, email, createdAtUs }, index) => {
        requireUuid(`users[${index}].user_id`, userId);
        return { userId, email: emailFrom(`users[${index}].email`, email), createdAtUs };
      });
      return { imported: await app.importUsers(givenPasswordFrom('password', password), people) };
    },
  });
}
