import { AppError } from '@andvari/kit/base/errors';
import { apiKeyKey, type LiveCredentials, sessionKey, userKey } from '../identity/live-credentials.ts';
import type { Viewer } from '../identity/viewer.ts';

/** Streams and sockets that end with what they hang on, each with the reason why. */
export interface HeldStreams {
  /** `ended` aborts with an AppError that says why; who still may comes back and goes on where it was. */
  hold(viewer: Viewer, ended: AbortController): () => void;
}

export function createHeldStreams(credentials: LiveCredentials, closing: AbortSignal): HeldStreams {
  const held = new Set<AbortController>();
  closing.addEventListener(
    'abort',
    () => {
      for (const ended of held) ended.abort(streamEnd('gateway_closing'));
    },
    { once: true },
  );
  const endWith = (key: string, ended: AbortController, reason: StreamEnd): (() => void) => {
    const own = new AbortController();
    own.signal.addEventListener('abort', () => ended.abort(streamEnd(reason)), { once: true });
    return credentials.hold([key], own);
  };

  return {
    hold(viewer, ended) {
      held.add(ended);
      const releases: (() => void)[] = [() => void held.delete(ended)];
      if (viewer.kind !== 'anonymous') {
        const isSession = viewer.kind === 'session';
        const own = isSession ? sessionKey(viewer.sessionId) : apiKeyKey(viewer.apiKeyId);
        releases.push(endWith(own, ended, isSession ? 'session_ended' : 'api_key_revoked'));
        releases.push(endWith(userKey(viewer.userId), ended, 'rights_changed'));
        const expire = (): void => ended.abort(streamEnd('credential_expired'));
        const timer = setTimeout(expire, Math.max(0, viewer.untilMs - Date.now()));
        releases.push(() => clearTimeout(timer));
      }
      return () => {
        for (const release of releases) release();
      };
    },
  };
}

const messages = {
  session_ended: 'the session has ended: sign in again',
  api_key_revoked: 'the API key was revoked',
  rights_changed: 'what you may do has changed: subscribe again',
  credential_expired: 'the credential has to be shown anew: refresh it and subscribe again',
  gateway_closing: 'this gateway is closing: subscribe again',
} as const;
export type StreamEnd = keyof typeof messages;

export function streamEnd(reason: StreamEnd): AppError {
  const code = reason === 'gateway_closing' ? 'unavailable' : 'unauthenticated';
  return new AppError(code, messages[reason], { reason });
}
