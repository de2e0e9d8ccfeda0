import { inject } from 'vitest';

export interface InfraUrls {
  /** A superuser on the database `postgres`. */
  postgresUrl: string;
  natsUrl: string;
  redisUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext extends InfraUrls {}
}

/** The servers that the global setup started for this test run. */
export function infraUrls(): InfraUrls {
  return { postgresUrl: inject('postgresUrl'), natsUrl: inject('natsUrl'), redisUrl: inject('redisUrl') };
}
