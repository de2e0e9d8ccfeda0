/** Empty on the wire means that there is none. */
export function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}

/** Zero on the wire means that there is none. */
export function amountOrNull(value: bigint): bigint | null {
  return value === 0n ? null : value;
}

/** Of every input that says why something is done. */
export const REASON =
  'Why, in 1 to 500 characters that can be seen. It stands in the audit trail, until the user whom it is about is erased.';
