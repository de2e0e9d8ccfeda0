/**
 * The sessions that were revoked while their access tokens still look good. Bounded: when it overflows, it forgets the
 * single ones and distrusts every token issued so far, so that everybody refreshes and the revoked cannot.
 */
export class DenySet {
  readonly #untilMs = new Map<string, number>();
  readonly #max: number;
  readonly #now: () => number;
  #distrustedBeforeMs = 0;

  constructor(max: number, now: () => number = Date.now) {
    this.#max = max;
    this.#now = now;
  }

  add(sessionId: string, untilMs: number): void {
    if (untilMs <= this.#now()) return;
    if (this.#untilMs.size >= this.#max) this.#makeRoom();
    this.#untilMs.set(sessionId, untilMs);
  }

  has(sessionId: string, tokenIssuedAtMs: number): boolean {
    return tokenIssuedAtMs < this.#distrustedBeforeMs || (this.#untilMs.get(sessionId) ?? 0) > this.#now();
  }

  get size(): number {
    return this.#untilMs.size;
  }

  #makeRoom(): void {
    const now = this.#now();
    for (const [sessionId, untilMs] of this.#untilMs) if (untilMs <= now) this.#untilMs.delete(sessionId);
    if (this.#untilMs.size < this.#max) return;
    this.#untilMs.clear();
    // Tokens carry whole seconds: one of this very second counts as issued before.
    this.#distrustedBeforeMs = Math.floor(now / 1000) * 1000 + 1;
  }
}
