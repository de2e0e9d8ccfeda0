import { type Child, startChild } from '@andvari/servers/child';
import { ownPort } from '@andvari/servers/own-port';
import { Hopeless, until } from '@andvari/servers/until';
import type { Scope } from '../process/scope.ts';

export interface ServiceProcess extends Child {
  readonly port: number;
  readonly adminPort: number;
}

/**
 * A service in a process of its own, from its start until it is ready; whoever closes the scope kills it where it stands. It ends with the test's
 * process, and holds none of its pipes: a runner whose pipes stay open waits for ever.
 */
export async function startServiceProcess(
  scope: Scope,
  program: string,
  given: NodeJS.ProcessEnv,
): Promise<ServiceProcess> {
  const [port, adminPort] = [await ownPort(), await ownPort()];
  const env = { ...given, GRPC_PORT: `${port}`, ADMIN_PORT: `${adminPort}` };
  const child = await startChild({
    command: process.execPath,
    args: [program],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      LOG_LEVEL: 'error',
      ...env,
    },
    stopSignal: 'SIGKILL',
    output: 'pipe',
    hearsUs: true,
  });
  scope.defer('process', () => child.stop());
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  await until(
    async () => {
      if (child.hasExited())
        throw new Hopeless(`${program} ended before it was ready (${await child.exited}):\n${said}`);
      const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
      return response.status === 200 ? true : undefined;
    },
    { deadlineMs: 100_000, what: () => `${program} is not ready. Its last words:\n${said}` },
  );
  return { ...child, port, adminPort };
}
