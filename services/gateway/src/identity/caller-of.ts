import type { Caller } from '@andvari/proto/common/v1/common';
import { ExpiringCache } from './expiring-cache.ts';
import type { Rights, Viewer } from './viewer.ts';

/** Where a request comes from. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

const REMEMBERED = 10_000;
const REMEMBERED_MS = 60_000;
const known = new ExpiringCache<{ caller: Caller; rights: Rights | undefined }>(REMEMBERED);

/**
 * What the services are told of the viewer. All requests of one viewer from one place have the same caller, so it is
 * signed for many of them at once.
 */
export function callerOf(viewer: Viewer, origin: Origin): Caller {
  const credential =
    viewer.kind === 'anonymous'
      ? ''
      : `${viewer.userId} ${viewer.sessionId} ${viewer.apiKeyId} ${viewer.authenticatedAtUs}`;
  const rights = viewer.kind === 'anonymous' ? undefined : viewer.rights;
  const key = `${credential} ${origin.address} ${origin.userAgent}`;
  const remembered = known.get(key);
  if (remembered !== undefined && remembered.rights === rights) return remembered.caller;
  const caller = newCaller(viewer, origin);
  known.set(key, { caller, rights }, Date.now() + REMEMBERED_MS);
  return caller;
}

function newCaller(viewer: Viewer, { address, userAgent }: Origin): Caller {
  const from = { service: 'gateway', requestId: '', address, userAgent };
  if (viewer.kind === 'anonymous') {
    return { ...from, userId: '', sessionId: '', apiKeyId: '', scopes: [], rolesVersion: 0n };
  }
  const { userId, sessionId, apiKeyId, apiKeyDailyCap, authenticatedAtUs, rights } = viewer;
  const scopes = rights.known ? rights.scopes : [];
  const rolesVersion = rights.known ? rights.rolesVersion : 0n;
  return {
    ...from,
    userId,
    sessionId,
    apiKeyId,
    scopes,
    rolesVersion,
    ...(authenticatedAtUs === undefined ? {} : { authenticatedAtUs }),
    ...(apiKeyDailyCap === undefined ? {} : { apiKeyDailyCap }),
  };
}
