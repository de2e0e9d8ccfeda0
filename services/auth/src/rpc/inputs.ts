import { AppError, invalid } from '@andvari/kit/base/errors';
import { authorize, requireRecentSignIn } from '@andvari/kit/handler/authorize';
import { requireName, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import { type Page, pageFrom } from '@andvari/kit/handler/page';
import type { ClientInfo, FactorProof as FactorProofMessage } from '@andvari/proto/auth/v1/auth';
import type { Caller, PageRequest } from '@andvari/proto/common/v1/common';
import type { FactorProof } from '../app/second-factor.ts';
import { type Client, newClient } from '../domain/client.ts';
import { normaliseEmail } from '../domain/email.ts';
import { PASSWORD_MAX } from '../domain/password-policy.ts';

/** Checks at the edge; each names the field that is wrong, and none repeats what was in it. */
export function emailFrom(field: string, text: string): string {
  const email = normaliseEmail(text);
  if (email === undefined) throw invalid(field, 'should be an email address', 'email_invalid');
  return email;
}

/** One to compare, which may be older than today's rules; bounded, because hashing it is work. */
export function givenPasswordFrom(field: string, password: string): string {
  if (password === '' || password.length > 4 * PASSWORD_MAX) {
    throw invalid(field, `should have 1 to ${PASSWORD_MAX} characters`);
  }
  return password;
}

/** The gateway says it with the calls that nobody is signed in for; otherwise it is the caller's own. */
export function clientFrom(info: ClientInfo | undefined, caller: Caller): Client {
  return info === undefined ? newClient(caller.address, caller.userAgent) : newClient(info.address, info.userAgent);
}

const LATEST_US = 4_102_444_800_000_000n;

export function expiryFrom(field: string, us: bigint): bigint {
  if (us < 0n || us > LATEST_US) throw invalid(field, 'should be a time before the year 2100, or 0');
  return us;
}

export function personFrom<P extends { givenName: string; familyName: string; locale: string }>(
  person: P,
): Pick<P, 'givenName' | 'familyName' | 'locale'> {
  const { givenName, familyName, locale } = person;
  requireName('given_name', givenName, { max: 100 });
  requireName('family_name', familyName, { max: 100 });
  requireText('locale', locale, { max: 35 });
  return { givenName, familyName, locale };
}

/** Pages of rows whose ids are their order. */
export function pageByIdFrom(request: PageRequest | undefined): Page {
  const page = pageFrom(request, 1);
  if (page.after !== undefined) requireUuid('page.after', String(page.after[0]));
  return page;
}

/** For the gateway before it knows the user, and for services; never in a user's name. */
export function requireService(caller: Caller): void {
  if (caller.service === '' || caller.userId !== '') {
    throw new AppError('permission_denied', 'for services only', { reason: 'services_only' });
  }
}

/** Whatever scopes a key comes with: it must not be able to change how its owner signs in. */
export function refuseApiKey(caller: Caller): void {
  if (caller.apiKeyId !== '') {
    throw new AppError('permission_denied', 'not with an API key', { reason: 'api_key_not_allowed' });
  }
}

/** How one signs in oneself is changed under the right to change the password, and with a recent one. */
export function requireOwnFactor(caller: Caller, userId: string): void {
  requireUuid('user_id', userId);
  refuseApiKey(caller);
  authorize(caller, 'password:change', userId);
  requireRecentSignIn(caller);
}

/** Long enough for one with its spaces; whether it is right is not decided here. */
export function requireCode(field: string, code: string): string {
  requireText(field, code, { min: 1, max: 40 });
  return code;
}

/** Named as whoever types them knows them: a page has one or the other before it. */
export function proofFrom(message: FactorProofMessage | undefined): FactorProof {
  const proof = message?.proof;
  if (proof === undefined) throw invalid('code', 'should be given, or a recovery code in its place');
  return proof.$case === 'code'
    ? { type: 'code', text: requireCode('code', proof.value) }
    : { type: 'recovery_code', text: requireCode('recovery_code', proof.value) };
}
