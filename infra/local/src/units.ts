import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Service } from '@andvari/deploy/services';
import { startChild } from '@andvari/servers/child';
import { rotate } from './follow-logs.ts';
import type { Topology } from './run-state.ts';
import { environmentOf, heapTogether, mainOf, type Surroundings } from './service-environment.ts';
import type { Running } from './supervise.ts';

/** One process: a service, or all of them in the topology `single`. */
export interface Unit {
  name: string;
  services: Service[];
  /** The program, by which its process is recognised. */
  main: string;
  log: string;
  start(around: Surroundings): Promise<Running>;
}

/** In starting order. */
export function unitsOf(options: { services: Service[]; topology: Topology; root: string; logs: string }): Unit[] {
  const { services, topology, root, logs } = options;
  if (services.length === 0) return [];
  if (topology === 'single') {
    const main = join(import.meta.dirname, 'single.ts');
    const log = join(logs, 'single.log');
    const environment = (around: Surroundings) => ({
      ...commonOf(services.map((service) => environmentOf(service, around))),
      NODE_OPTIONS: heapTogether.join(' '),
      SINGLE_ROOT: root,
      SINGLE_SERVICES: JSON.stringify(
        Object.fromEntries(services.map((service) => [service.name, environmentOf(service, around)])),
      ),
    });
    return [
      { name: 'single', services, main, log, start: (around) => startUnit(main, log, root, environment(around)) },
    ];
  }
  return services.map((service) => {
    const main = mainOf(root, service);
    const log = join(logs, `${service.name}.log`);
    const start = (around: Surroundings) => startUnit(main, log, root, environmentOf(service, around));
    return { name: service.name, services: [service], main, log, start };
  });
}

async function startUnit(main: string, log: string, root: string, env: NodeJS.ProcessEnv): Promise<Running> {
  rotate(log);
  const output = openSync(log, 'a', 0o600);
  try {
    const child = await startChild({
      command: process.execPath,
      args: [main],
      env,
      cwd: root,
      stopSignal: 'SIGTERM',
      output,
    });
    return { pid: child.pid, exited: child.exited, stop: () => child.stop({ graceMs: 10_000 }) };
  } finally {
    closeSync(output);
  }
}

/** What all environments say alike. */
function commonOf(environments: NodeJS.ProcessEnv[]): NodeJS.ProcessEnv {
  const [first = {}, ...others] = environments;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((env) => env[key] === value)));
}
