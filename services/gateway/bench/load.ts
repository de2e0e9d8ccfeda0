import { cpuOfProcesses } from '@andvari/bench/cpu';
import autocannon from 'autocannon';

export interface Measured {
  perSecond: number;
  /** Of the gateway's process. */
  cpuUs: number;
  /** Of all processes of the system, the load itself left out. */
  cpuAllUs: number;
  p50Ms: number;
  p99Ms: number;
  requests: number;
}

export interface Target {
  port: number;
  pid: number;
  tokens: readonly string[];
}

export interface Operation {
  query: string;
  variables?: Record<string, unknown>;
}

/** So many connections that each ask the next as soon as the last is answered. Any answer but the right one fails the run. */
export function load(
  target: Target,
  query: string,
  limits: { connections: number; seconds?: number; requests?: number },
): Promise<Measured> {
  return loadMix(target, [{ query }], limits);
}

/** The same with several operations, one after the other; each connection begins at a place of its own. */
export async function loadMix(
  { port, pid, tokens }: Target,
  operations: readonly Operation[],
  limits: { connections: number; seconds?: number; requests?: number },
): Promise<Measured> {
  const count = Math.max(tokens.length, operations.length);
  const requests = Array.from({ length: count }, (_, at) => ({
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[at % tokens.length]}` },
    body: JSON.stringify(operations[at % operations.length]),
  }));
  let clients = 0;
  const ownBefore = process.cpuUsage();
  const allBefore = cpuOfProcesses([process.pid]);
  const before = cpuOfProcesses([pid]);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/graphql`,
    connections: limits.connections,
    ...(limits.requests === undefined ? { duration: limits.seconds ?? 2 } : { amount: limits.requests }),
    method: 'POST',
    requests,
    setupClient(client) {
      const from = Math.floor((clients++ * count) / limits.connections) % count;
      client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
    },
  });
  const own = process.cpuUsage(ownBefore);
  const answered = result.requests.total;
  if (result.non2xx > 0 || result.errors > 0 || answered === 0) {
    throw new Error(`${result.non2xx} refused, ${result.errors} failed of ${answered}`);
  }
  return {
    perSecond: answered / result.duration,
    cpuUs: (cpuOfProcesses([pid]) - before) / answered,
    cpuAllUs: (cpuOfProcesses([process.pid]) - allBefore - own.user - own.system) / answered,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    requests: answered,
  };
}
