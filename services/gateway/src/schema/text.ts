/** Empty on the wire means that there is none. */
export function textOrNull(text: string): string | null {
  return text === '' ? null : text;
}

/** Zero on the wire means that there is none. */
export function amountOrNull(value: bigint): bigint | null {
  return value === 0n ? null : value;
}
