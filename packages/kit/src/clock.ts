/** Microseconds since the epoch; the resolution is the system's, a millisecond. */
export function nowUs(): bigint {
  return BigInt(Date.now()) * 1000n;
}
