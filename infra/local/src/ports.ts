import type { Service } from '@andvari/deploy/services';
import { freePort, isPortFree } from '@andvari/servers/free-port';
import { portHolder } from './port-holder.ts';

/** The table with ports that can be used: the documented ones, or any free ones. A taken one stops the start with its holder's name. */
export async function assignPorts(
  services: Service[],
  choice: 'fixed' | 'free',
  anyPort: () => Promise<number> = freePort,
): Promise<Service[]> {
  if (choice === 'free') {
    const moved: Service[] = [];
    const given = new Set<number>();
    const another = async (): Promise<number> => {
      const port = await anyPort();
      if (given.has(port)) return another();
      given.add(port);
      return port;
    };
    for (const service of services) moved.push({ ...service, port: await another(), adminPort: await another() });
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
