import { ConfigError, type Secret } from '../base/config.ts';
import { type Callers, keyBetween, listedCallers, sharedKey } from './caller-token.ts';

/** What a service knows others by: one key that all have, or those that it has with each of them. */
export interface CallerKeys {
  callerKey?: Secret | undefined;
  /** Who may call, each with the key that their tokens for this service are signed with. */
  callers?: ReadonlyMap<string, Secret> | undefined;
  /** Who is called, each with the key that tokens for it are signed with. */
  callees?: ReadonlyMap<string, Secret> | undefined;
}

export function callerKeysFrom(config: {
  CALLER_KEY?: Secret | undefined;
  CALLERS?: ReadonlyMap<string, Secret> | undefined;
  CALLEES?: ReadonlyMap<string, Secret> | undefined;
}): CallerKeys {
  return { callerKey: config.CALLER_KEY, callers: config.CALLERS, callees: config.CALLEES };
}

export function knownCallers({ callerKey, callers }: CallerKeys): Callers {
  if (callers !== undefined) return listedCallers(callers);
  if (callerKey !== undefined) return sharedKey(callerKey);
  throw new ConfigError(['  CALLERS: missing; should name who may call, or CALLER_KEY be given']);
}

/** What the issuer's tokens for the audience are signed with. */
export function keyFor({ callerKey, callees }: CallerKeys, issuer: string, audience: string): Buffer {
  const own = callees?.get(audience);
  if (own !== undefined) return Buffer.from(own.reveal(), 'base64url');
  if (callees === undefined && callerKey !== undefined) return keyBetween(callerKey.reveal(), issuer, audience);
  throw new ConfigError([`  CALLEES: names no key for ${audience}, which ${issuer} calls`]);
}
