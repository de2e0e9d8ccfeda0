export interface Backoff {
  firstMs: number;
  maxMs: number;
  /** What each pause is to the one before. */
  factor?: number;
}

/** Exponential back-off with jitter: how long to wait after so many failures, 0 of them at first, so that many who wait do not come back as one. */
export function backoffMs(failures: number, { firstMs, maxMs, factor = 2 }: Backoff, random = Math.random): number {
  return Math.min(firstMs * factor ** failures, maxMs) * (0.75 + random() / 2);
}
