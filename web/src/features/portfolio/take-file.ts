import { refreshSession, sessionState } from '../../api/session.ts';

/** What a browser does, as functions. */
interface Outside {
  head: (path: string) => Promise<number>;
  refresh: (needSinceMs: number) => Promise<boolean>;
  follow: (path: string) => void;
}

/**
 * A file that the gateway makes, by a link that the browser follows with its cookies. Asked for its head first: a session that has run
 * out is refreshed, and what is refused is said on the page instead of being kept as a file.
 */
export async function takeFile(path: string, { head, refresh, follow }: Outside = browser): Promise<boolean> {
  const askedAtMs = Date.now();
  let status = await head(path);
  if (status === 401 && (await refresh(askedAtMs))) status = await head(path);
  if (status !== 200) return false;
  follow(path);
  return true;
}

const browser: Outside = {
  async head(path) {
    try {
      return (await fetch(path, { method: 'HEAD' })).status;
    } catch {
      return 0;
    }
  },
  refresh: async (needSinceMs) => sessionState() !== 'signedOut' && refreshSession(needSinceMs),
  follow: (path) => Object.assign(document.createElement('a'), { href: path, download: '' }).click(),
};
