export interface BreakerOptions {
  /** Failures in a row that open it. */
  failures: number;
  openMs: number;
  maxOpenMs: number;
  now?: () => number;
  random?: () => number;
}

/**
 * Stops asking a neighbour that does not answer. Closed: calls pass. Open: they fail at once. After a pause one call
 * is let through as a probe; its success closes the breaker, its failure opens it for twice as long, with jitter.
 */
export class CircuitBreaker {
  readonly #options: Required<BreakerOptions>;
  #failures = 0;
  #openUntil = 0;
  #openings = 0;
  #probing = false;

  constructor(options: BreakerOptions) {
    this.#options = { now: Date.now, random: Math.random, ...options };
  }

  /** Whether a call may pass; one that may must be followed by `succeeded`, `failed` or `abandoned`. */
  admits(): boolean {
    if (this.#openUntil === 0) return true;
    if (this.#probing || this.#options.now() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#openings = 0;
    this.#probing = false;
  }

  failed(): void {
    // Calls that were under way when it opened fail one after another; only a probe says anything new.
    if (this.isOpen && !this.#probing) return;
    this.#failures += 1;
    if (!this.#probing && this.#failures < this.#options.failures) return;
    const { openMs, maxOpenMs, now, random } = this.#options;
    const pause = Math.min(openMs * 2 ** this.#openings, maxOpenMs);
    this.#openUntil = now() + pause * (0.5 + random() / 2);
    this.#openings += 1;
    this.#probing = false;
  }

  /** The call was given up by the one who made it, which says nothing about the neighbour. */
  abandoned(): void {
    this.#probing = false;
  }

  get isOpen(): boolean {
    return this.#openUntil !== 0;
  }
}
