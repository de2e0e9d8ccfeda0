/** Something that is wrong with a system, in words, and the page that says what to do about it. */
export interface Complaint {
  /** `portfolio`, `order_db`, `COMMANDS`. */
  readonly where: string;
  readonly what: string;
  /** Its name in docs/runbooks. */
  readonly runbook: Runbook;
}

export const runbooks = [
  'api-slow',
  'certificates',
  'circuit-open',
  'clock-skew',
  'consumer-lag',
  'dead-letters',
  'ledger-drift',
  'ledger-not-verified',
  'nats-disk-full',
  'nats-down',
  'no-leader',
  'order-ack-slow',
  'outbox-stuck',
  'postgres-down',
  'redis-down',
  'rollback',
  'snapshot-old',
  'target-down',
  'two-leaders',
] as const;
export type Runbook = (typeof runbooks)[number];
