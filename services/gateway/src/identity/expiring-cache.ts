/**
 * A bounded map whose entries run out; when it is full, the one that came first makes room. Reading moves nothing, as a map
 * that is written at every request leaves garbage that only a collection of the whole heap gets rid of.
 */
export class ExpiringCache<V> {
  readonly #entries = new Map<string, { value: V; untilMs: number }>();
  readonly #max: number;
  readonly #now: () => number;

  constructor(max: number, now: () => number = Date.now) {
    this.#max = max;
    this.#now = now;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > this.#now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, untilMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#max) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(key, { value, untilMs });
  }

  deleteWhere(matches: (key: string, value: V) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(key, value)) this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }
}
