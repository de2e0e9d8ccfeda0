/** Microseconds since the epoch, as they travel; the system's clock gives us milliseconds. */
export function nowUs(): bigint {
  return BigInt(Date.now()) * 1000n;
}

export function usFromDate(date: Date): bigint {
  return BigInt(date.getTime()) * 1000n;
}

export function dateFromUs(us: bigint): Date {
  return new Date(Number(us / 1000n));
}
