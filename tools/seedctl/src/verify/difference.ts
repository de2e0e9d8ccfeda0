/** Two parts of the system that do not say the same of one thing. */
export interface Difference {
  /** What was compared: `fill_missing_in_ledger`, say. */
  readonly check: string;
  /** What it concerns: `order/…`. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

export function difference(check: string, subject: string, expected: unknown, found: unknown): Difference {
  return { check, subject, expected: String(expected), found: String(found) };
}

export function keyOf({ check, subject }: Difference): string {
  return `${check} ${subject}`;
}
