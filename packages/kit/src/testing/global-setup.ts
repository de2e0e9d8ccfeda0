import { startTestInfra } from '@andvari/servers/test-infra';
import type { TestProject } from 'vitest/node';
import type { InfraUrls } from './infra-urls.ts';

/** One PostgreSQL, NATS and Redis for a whole test run, private to it and gone afterwards. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const infra = await startTestInfra();
  const urls: InfraUrls = infra;
  project.provide('postgresUrl', urls.postgresUrl);
  project.provide('natsUrl', urls.natsUrl);
  project.provide('redisUrl', urls.redisUrl);
  return () => infra.stop();
}
