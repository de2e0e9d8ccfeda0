import { servedBuild } from '../api/build.ts';
import { say } from '../ui/toasts.tsx';

const EVERY_MS = 10 * 60_000;

/** Says once that there is a newer page; it is loaded when whoever is here wants it, so that no ticket is lost. */
export function noticeNewVersion(): void {
  let mine: string | undefined;
  let isSaid = false;
  const look = async (): Promise<void> => {
    const served = await servedBuild();
    mine ??= served;
    if (isSaid || served === undefined || served === mine) return;
    isSaid = true;
    say('A new version is there', { label: 'Load it', run: () => window.location.reload() });
  };
  void look();
  setInterval(() => void look(), EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look();
  });
}
