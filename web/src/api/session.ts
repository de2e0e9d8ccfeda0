import { useSyncExternalStore } from 'react';

/**
 * Who is here. The cookies are the gateway's and no script sees them; this file knows only whether they work. All tabs agree
 * over a channel, and a session is refreshed by one of them at a time.
 */
export type SessionState = 'unknown' | 'signedIn' | 'signedOut';

export interface AuthAnswer {
  ok: boolean;
  status: number;
  code: string;
  reason: string;
  field: string;
  message: string;
  retryAfterSeconds: number;
  /** The password was right, and a second factor is asked for; empty where not. */
  challenge: string;
}

let state: SessionState = 'unknown';
let wasAskedInVain = false;
const listeners = new Set<() => void>();
const channel = new BroadcastChannel('andvari-session');
channel.addEventListener('message', ({ data }: MessageEvent<SessionState>) => become(data));

export const sessionState = (): SessionState => state;

export function useSession(): SessionState {
  return useSyncExternalStore(onSessionChange, sessionState);
}

/** Whether who is here was asked in vain: nothing will come before the gateway is back. */
export function useIsUnanswered(): boolean {
  return useSyncExternalStore(onSessionChange, isUnanswered);
}

export const isUnanswered = (): boolean => state === 'unknown' && wasAskedInVain;

export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells this tab and all others. */
export function setSession(next: SessionState): void {
  if (next === state) return;
  become(next);
  channel.postMessage(next);
}

function become(next: SessionState): void {
  if (next === state) return;
  state = next;
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

export async function postAuth(path: string, body: Record<string, string> = {}): Promise<AuthAnswer> {
  try {
    return await answerOf(await post(`/auth/${path}`, JSON.stringify(body)));
  } catch {
    return {
      ok: false,
      status: 0,
      code: 'UNREACHABLE',
      reason: '',
      field: '',
      message: '',
      retryAfterSeconds: 0,
      challenge: '',
    };
  }
}

export function post(
  url: string,
  body: string,
  init: Pick<RequestInit, 'signal'> & { accept?: string } = {},
): Promise<Response> {
  const { accept = 'application/json', ...rest } = init;
  const headers = { accept, 'content-type': 'application/json', 'x-andvari-csrf': '1' };
  return fetch(url, { ...rest, method: 'POST', body, headers });
}

/** One refresh for all who need it, in this tab and in the others. False: there is no session to refresh. */
let refreshing: Promise<boolean> | undefined;

export function refreshSession(needSinceMs = Date.now()): Promise<boolean> {
  refreshing ??= locked(REFRESH_LOCK, () => refreshOnce(needSinceMs)).finally(() => (refreshing = undefined));
  return refreshing;
}

async function refreshOnce(needSinceMs: number): Promise<boolean> {
  // While we waited for the lock another tab may have done it.
  if (isRefreshedSince(needSinceMs)) return true;
  const answer = await postAuth('refresh');
  if (answer.ok) {
    haveFreshCookies();
    return true;
  }
  // Anything else says nothing about the session: a gateway that restarts signs nobody out.
  if (answer.status === 401) setSession('signedOut');
  return false;
}

/** The gateway saw no cookie that could be refreshed: a stranger, unless somebody has signed in since. False: a stranger. */
export function takeForStranger(askedAtMs: number): Promise<boolean> {
  return locked(REFRESH_LOCK, () => {
    const isSignedIn = isRefreshedSince(askedAtMs);
    if (!isSignedIn) setSession('signedOut');
    return Promise.resolve(isSignedIn);
  });
}

const isRefreshedSince = (ms: number): boolean => Number(localStorage.getItem(REFRESHED_AT) ?? 0) >= ms;

function haveFreshCookies(): void {
  localStorage.setItem(REFRESHED_AT, String(Date.now()));
  setSession('signedIn');
}

const REFRESHED_AT = 'andvari.refreshedAt';
const REFRESH_LOCK = 'andvari-refresh';

/**
 * At the start: whether the cookies still work is known only by asking, and who asks hears of a refused session through the state.
 * No answer at all says nothing, least of all that one is a stranger: it is asked again, and nothing is refreshed for it.
 */
export async function findSession(
  isSignedIn: () => Promise<boolean>,
  pause: (failures: number) => Promise<void>,
): Promise<void> {
  for (let failures = 0; sessionState() === 'unknown'; failures += 1) {
    if (await isSignedIn()) setSession('signedIn');
    else if (sessionState() === 'unknown') {
      wasAskedInVain = true;
      tell();
      await pause(failures);
    }
  }
}

/** Behind the lock of refreshing: the refusal that another tab is about to get must not take these cookies away. */
export function signIn(email: string, password: string): Promise<AuthAnswer> {
  return locked(REFRESH_LOCK, async () => {
    const answer = await postAuth('login', { email, password });
    if (answer.ok && answer.challenge === '') haveFreshCookies();
    return answer;
  });
}

/** The second step of a sign-in: a `code` or a `recoveryCode`. */
export function showFactor(challenge: string, shown: Record<string, string>): Promise<AuthAnswer> {
  return locked(REFRESH_LOCK, async () => {
    const answer = await postAuth('second-factor', { challenge, ...shown });
    if (answer.ok) haveFreshCookies();
    return answer;
  });
}

export async function signOut(): Promise<void> {
  const answer = await postAuth('logout');
  if (answer.ok || answer.status === 401) setSession('signedOut');
}

async function answerOf(response: Response): Promise<AuthAnswer> {
  const body = (await response.json().catch(() => ({}))) as {
    error?: Partial<AuthAnswer>;
    secondFactor?: { challenge?: string };
  };
  const challenge = body.secondFactor?.challenge ?? '';
  const { code = '', reason = '', field = '', message = '' } = body.error ?? {};
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? 0);
  return { ok: response.ok, status: response.status, code, reason, field, message, retryAfterSeconds, challenge };
}

function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? navigator.locks.request(name, work) : work();
}
