import { readFileSync } from 'node:fs';
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

/** So many connections that each ask the next as soon as the last is answered. Any answer but the right one fails the run. */
export async function load(
  { port, pid, tokens }: Target,
  query: string,
  limits: { connections: number; seconds?: number; requests?: number },
): Promise<Measured> {
  const ownBefore = process.cpuUsage();
  const allBefore = cpuOfProcesses([process.pid]);
  const before = cpuOfProcesses([pid]);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/graphql`,
    connections: limits.connections,
    ...(limits.requests === undefined ? { duration: limits.seconds ?? 2 } : { amount: limits.requests }),
    method: 'POST',
    requests: tokens.map((token) => ({
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    })),
  });
  const own = process.cpuUsage(ownBefore);
  const requests = result.requests.total;
  if (result.non2xx > 0 || result.errors > 0 || requests === 0) {
    throw new Error(`${result.non2xx} refused, ${result.errors} failed of ${requests}`);
  }
  return {
    perSecond: requests / result.duration,
    cpuUs: (cpuOfProcesses([pid]) - before) / requests,
    cpuAllUs: (cpuOfProcesses([process.pid]) - allBefore - own.user - own.system) / requests,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    requests,
  };
}

export function rssMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}
