import { startTestInfra } from '@andvari/local/test-infra';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    natsUrl: string;
    redisUrl: string;
  }
}

/** One PostgreSQL, NATS and Redis for a whole test run, private to it and gone afterwards. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const infra = await startTestInfra();
  project.provide('postgresUrl', infra.postgresUrl);
  project.provide('natsUrl', infra.natsUrl);
  project.provide('redisUrl', infra.redisUrl);
  return () => infra.stop();
}
