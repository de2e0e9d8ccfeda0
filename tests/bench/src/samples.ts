/** Every single value is kept, so that percentiles are exact and not those of buckets. */
export class Samples {
  #values = new Float64Array(1024);
  #count = 0;
  #sorted = true;

  record(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
    this.#sorted = false;
  }

  get count(): number {
    return this.#count;
  }

  /** The smallest value that at least this share of all values does not exceed; `share` from 0 to 1. */
  percentile(share: number): number {
    if (this.#count === 0) return Number.NaN;
    if (!this.#sorted) this.#values.subarray(0, this.#count).sort();
    this.#sorted = true;
    return this.#values[Math.max(Math.ceil(share * this.#count) - 1, 0)] ?? Number.NaN;
  }
}

/** The middle one; of an even number the lower of the two, which is a value that was measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
}
