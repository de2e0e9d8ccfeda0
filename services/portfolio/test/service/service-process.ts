import { fileURLToPath } from 'node:url';
import type { Scope } from '@andvari/kit/process/scope';
import { startServiceProcess } from '@andvari/kit/testing/service-process';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The service as it runs; whoever closes its scope kills it where it stands. */
export function startProcess(scope: Scope, given: NodeJS.ProcessEnv): Promise<{ port: number; adminPort: number }> {
  return startServiceProcess(scope, main, { ...given, FUNDING_SWEEP_MS: '20' });
}
