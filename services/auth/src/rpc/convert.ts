import type {
  ApiKey as ApiKeyMessage,
  ConfirmFactorResponse,
  DevelopmentMail as DevelopmentMailMessage,
  Session as SessionMessage,
  Tokens,
} from '@andvari/proto/auth/v1/auth';
import type { App } from '../app/app.ts';
import type { IssuedTokens } from '../app/issue-tokens.ts';
import type { FactorState } from '../app/second-factor.ts';
import type { ApiKey } from '../domain/api-key.ts';
import type { Session } from '../domain/session.ts';

export function tokensTo(tokens: IssuedTokens): Tokens {
  return { ...tokens };
}

export function sessionTo(session: Session): SessionMessage {
  return {
    id: session.sessionId,
    userId: session.userId,
    address: session.address,
    userAgent: session.userAgent,
    createdAtUs: session.createdAtUs,
    lastSeenAtUs: session.lastSeenAtUs,
    expiresAtUs: session.endsAtUs,
  };
}

export function enabledFactorTo(enabled: { factor: FactorState; recoveryCodes: string[] }): ConfirmFactorResponse {
  return { factor: { ...enabled.factor }, recoveryCodes: enabled.recoveryCodes };
}

export function apiKeyTo(key: ApiKey): ApiKeyMessage {
  return { ...key, scopes: [...key.scopes] };
}

export function developmentMailTo(
  mail: Awaited<ReturnType<App['listDevelopmentMails']>>[number],
): DevelopmentMailMessage {
  return { ...mail };
}
