/** The servers that the system stands on. */
export type ProgramName = 'postgres' | 'nats' | 'redis';
