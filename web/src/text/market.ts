import { inZone } from '../ui/time.ts';

/** What the market is doing, and until when, in its own time. */
export function marketWords(clock: {
  state: string;
  alwaysOpen: boolean;
  nextOpen: string | null;
  nextClose: string | null;
  timeZone: string;
}) {
  if (clock.alwaysOpen) return 'Market always open';
  const words: Record<string, string> = {
    REGULAR: 'Market open',
    PRE: 'Pre-market',
    AFTER: 'After hours',
    HALTED: 'Market halted',
  };
  const now = words[clock.state] ?? 'Market closed';
  if (clock.state === 'REGULAR' && clock.nextClose !== null)
    return `${now} · closes ${inZone(clock.nextClose, clock.timeZone)}`;
  return clock.nextOpen === null ? now : `${now} · opens ${inZone(clock.nextOpen, clock.timeZone)}`;
}
