import { isPortFree } from '@andvari/servers/free-port';
import { ownPort } from '@andvari/servers/own-port';
import { portHolder } from './port-holder.ts';

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly adminPort?: number;
}

/** What listens, on ports that can be used: the documented ones, or any free ones. A taken one stops the start with its holder's name. */
export async function assignPorts<L extends Listener>(
  listeners: readonly L[],
  choice: 'fixed' | 'free',
  command = 'make up',
): Promise<L[]> {
  if (choice === 'free') {
    const moved: L[] = [];
    for (const listener of listeners) {
      const own = {
        port: await ownPort(),
        ...(listener.adminPort === undefined ? {} : { adminPort: await ownPort() }),
      };
      moved.push({ ...listener, ...own });
    }
    return moved;
  }
  const taken: string[] = [];
  for (const { name, port, adminPort } of listeners) {
    for (const wanted of adminPort === undefined ? [port] : [port, adminPort]) {
      if (!(await isPortFree(wanted))) taken.push(`  ${wanted} (${name}) is used by ${portHolder(wanted)}`);
    }
  }
  if (taken.length > 0) {
    throw new Error(
      `Ports that are needed are taken:\n${taken.join('\n')}\nStop what uses them, or run on other ports: ${command} PORTS=free`,
    );
  }
  return [...listeners];
}
