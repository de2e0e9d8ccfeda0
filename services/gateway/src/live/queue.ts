/** What a reader gets: where it begins, items, or the news that items were dropped because it read too slowly. */
export type Delivery<T> =
  | { readonly kind: 'started'; readonly position: number }
  | { readonly kind: 'item'; readonly position: number; readonly item: T }
  /** `count` is undefined where nobody can tell any more. Reading again from `since` brings what is still there. */
  | { readonly kind: 'missed'; readonly count: number | undefined; readonly since: number };

/**
 * A bounded queue between a source that does not wait and a reader that may be slow. When it is full the oldest half is
 * dropped, and the reader is told so before it gets what comes after.
 */
export class BoundedQueue<T> {
  readonly #max: number;
  readonly #onMissed: (count: number) => void;
  #waiting: { position: number; item: T }[] = [];
  #missed = 0;
  #delivered = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(options: { max: number; onMissed: (count: number) => void }) {
    this.#max = options.max;
    this.#onMissed = options.onMissed;
  }

  push(position: number, item: T): void {
    if (this.#closed) return;
    if (this.#waiting.length >= this.#max) {
      const dropped = this.#waiting.length >> 1;
      this.#waiting = this.#waiting.slice(dropped);
      this.#missed += dropped;
      this.#onMissed(dropped);
    }
    this.#waiting.push({ position, item });
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** The next delivery, or undefined when the queue is closed. */
  async next(): Promise<Delivery<T> | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      if (this.#missed > 0) {
        const count = this.#missed;
        this.#missed = 0;
        return { kind: 'missed', count, since: this.#delivered };
      }
      const first = this.#waiting.shift();
      if (first === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
        continue;
      }
      // Already read from the stream while this waited here.
      if (first.position <= this.#delivered) continue;
      this.#delivered = first.position;
      return { kind: 'item', ...first };
    }
  }

  /** Everything up to here has reached the reader another way. */
  skipTo(position: number): void {
    this.#delivered = Math.max(this.#delivered, position);
  }
}
