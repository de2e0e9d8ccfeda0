import { servedBuild } from '../api/build.ts';
import { say } from '../ui/toasts.tsx';
import { watchWhatIsUnderWay } from './what-is-under-way.ts';

const EVERY_MS = 10 * 60_000;
/** Who looks elsewhere for a moment comes back to the page as it was. */
const UNSEEN_MS = 30_000;

/** The browser and the gateway, as functions. */
export interface Outside {
  servedBuild: () => Promise<string | undefined>;
  isHidden: () => boolean;
  onVisibility: (listener: () => void) => void;
  /** Whether anything would be lost: what is typed, asked or sent. */
  isAnythingUnderWay: () => boolean;
  say: (text: string, act: { label: string; run: () => void }) => void;
  reload: () => void;
  later: (work: () => void, ms: number) => void;
  every: (work: () => void, ms: number) => void;
  /** Through a reload: the build for which this tab has loaded itself anew. */
  reloadedFor: { read: () => string | null; write: (build: string) => void };
}

/**
 * Says once that there is a newer page. It is loaded when whoever is here wants it; by itself only where nobody looks and nothing is
 * under way, and once for each build, so that two gateways with two builds do not send it back and forth.
 */
export function noticeNewVersion(outside: Outside = browser()): void {
  const { isHidden, isAnythingUnderWay, reload, reloadedFor } = outside;
  let mine: string | undefined;
  let newer: string | undefined;
  const reloadUnseen = (): void => {
    if (newer === undefined || !isHidden() || isAnythingUnderWay() || reloadedFor.read() === newer) return;
    reloadedFor.write(newer);
    reload();
  };
  const look = async (): Promise<void> => {
    const served = await outside.servedBuild();
    mine ??= served;
    if (served === undefined || served === mine) return;
    if (newer === undefined) outside.say('A new version is there', { label: 'Load it', run: reload });
    newer = served;
    reloadUnseen();
  };
  void look();
  outside.every(() => void look(), EVERY_MS);
  outside.onVisibility(() => {
    if (isHidden()) outside.later(reloadUnseen, UNSEEN_MS);
    else void look();
  });
}

const KEY = 'andvari.reloadedFor';

function browser(): Outside {
  return {
    servedBuild,
    isHidden: () => document.visibilityState === 'hidden',
    onVisibility: (listener) => document.addEventListener('visibilitychange', listener),
    isAnythingUnderWay: watchWhatIsUnderWay(),
    say,
    reload: () => window.location.reload(),
    later: (work, ms) => void setTimeout(work, ms),
    every: (work, ms) => void setInterval(work, ms),
    reloadedFor: {
      read: () => sessionStorage.getItem(KEY),
      write: (build) => sessionStorage.setItem(KEY, build),
    },
  };
}
