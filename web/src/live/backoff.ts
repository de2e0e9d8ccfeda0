const LONGEST_MS = 15_000;

/** How long to wait after so many failures: longer each time, and not all at once. */
export function backoffMs(failures: number, random: number): number {
  return Math.round(Math.min(LONGEST_MS, 250 * 2 ** failures) * (0.5 + random / 2));
}
