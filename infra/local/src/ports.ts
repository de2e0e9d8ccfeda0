import type { Service } from '@andvari/deploy/services';
import { isPortFree } from '@andvari/servers/free-port';
import { ownPort } from '@andvari/servers/own-port';
import { portHolder } from './port-holder.ts';

/** The table with ports that can be used: the documented ones, or any free ones. A taken one stops the start with its holder's name. */
export async function assignPorts(services: Service[], choice: 'fixed' | 'free'): Promise<Service[]> {
  if (choice === 'free') {
    const moved: Service[] = [];
    for (const service of services) moved.push({ ...service, port: await ownPort(), adminPort: await ownPort() });
    return moved;
  }
  const taken: string[] = [];
  for (const { name, port, adminPort } of services) {
    for (const wanted of [port, adminPort]) {
      if (!(await isPortFree(wanted))) taken.push(`  ${wanted} (${name}) is used by ${portHolder(wanted)}`);
    }
  }
  if (taken.length > 0) {
    throw new Error(
      `Ports that are needed are taken:\n${taken.join('\n')}\nStop what uses them, or run on other ports: make up PORTS=free`,
    );
  }
  return services;
}
