/**
 * Arrays as PostgreSQL writes them. The driver would quote and escape every number; a batch has tens of thousands, so
 * this halves what a batch costs us.
 */

/** For bigint[]. */
export function numbers(values: readonly bigint[]): string {
  return `{${values.join(',')}}`;
}

/** For uuid[], and for text[] of words that need no quotes. */
export function words(values: readonly (string | null)[]): string {
  return `{${values.map((value) => value ?? 'null').join(',')}}`;
}

/** For text[]: any text. */
export function texts(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'null' : `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`)).join(',')}}`;
}
