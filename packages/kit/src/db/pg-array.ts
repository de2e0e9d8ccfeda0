/**
 * Arrays as PostgreSQL writes them. The driver would quote and escape every number; a batch has tens of thousands, so
 * this halves what a batch costs us.
 */

/** For bigint[]. */
export function bigintArray(values: readonly bigint[]): string {
  return `{${values.join(',')}}`;
}

/** For uuid[]. */
export function uuidArray(values: readonly (string | null)[]): string {
  return unquotedArray(values);
}

/** For an array of what is written without quotes, as our own codes and numbers are. Not for what somebody else wrote. */
export function unquotedArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => value ?? 'null').join(',')}}`;
}

/** For text[]: any text. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'null' : quoted(value))).join(',')}}`;
}

/** For an array of anything that is one value: text, numbers, times, bytes. */
export function literalArray(values: readonly Literal[]): string {
  return literalsOf(values, (value) => value);
}

/** The same of what each of a list makes one value of, without a list between. */
export function literalsOf<T>(list: readonly T[], valueOf: (one: T) => Literal): string {
  return `{${list.map((one) => literal(valueOf(one))).join(',')}}`;
}

export type Literal = string | number | bigint | boolean | Date | Buffer | null;

function literal(value: Literal): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return quoted(`\\x${value.toString('hex')}`);
  return String(value);
}

/** Looking first costs an eighth of replacing in what has nothing to replace, as most texts have. */
function quoted(text: string): string {
  return special.test(text) ? `"${text.replaceAll(allSpecial, String.raw`\$&`)}"` : `"${text}"`;
}
const special = /["\\]/;
const allSpecial = /["\\]/g;
