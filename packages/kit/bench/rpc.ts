import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { median } from '@andvari/bench/samples';
import { printTable } from '@andvari/bench/table';
import type { PeerMessage, PeerOrder } from './rpc-peer.ts';

type Kind = 'kit' | 'bare';
type Pair = { server: ChildProcess; client: ChildProcess };
interface Round {
  perSecond: number;
  cpuUs: number;
}

/**
 * Unary calls through the kit and through bare grpc-js, server and client in processes of their own, one after the other
 * and again: a neighbour on the machine who takes his share takes it from both. Medians of the rounds.
 */
export async function measureRpc(options: { long: boolean }): Promise<Record<string, number>> {
  const order = { inFlight: 32, durationMs: options.long ? 1500 : 500 };
  const pairs: Record<Kind, Pair> = { kit: await startPair('kit'), bare: await startPair('bare') };
  const rounds: Record<Kind, Round[]> = { kit: [], bare: [] };
  try {
    for (const kind of ['kit', 'bare'] as const) await measureRound(pairs[kind], { ...order, durationMs: 2500 });
    for (let round = 0; round < (options.long ? 41 : 21); round += 1) {
      // In turns the first: whoever comes second finds a warmer machine.
      for (const kind of round % 2 === 0 ? (['kit', 'bare'] as const) : (['bare', 'kit'] as const)) {
        rounds[kind].push(await measureRound(pairs[kind], order));
      }
    }
  } finally {
    for (const { server, client } of Object.values(pairs)) for (const child of [client, server]) child.kill();
  }
  printTable(
    ['unary call', 'kit /s', 'bare /s', 'kit us CPU', 'bare us CPU'],
    rounds.kit.map((kit, i) => {
      const bare = rounds.bare[i] ?? kit;
      return [`round ${i + 1}`, kit.perSecond, bare.perSecond, kit.cpuUs, bare.cpuUs];
    }),
  );
  const ratios = rounds.kit.map((kit, i) => kit.perSecond / (rounds.bare[i]?.perSecond ?? Number.NaN));
  return {
    rpc_per_s: Math.round(median(rounds.kit.map(({ perSecond }) => perSecond))),
    bare_per_s: Math.round(median(rounds.bare.map(({ perSecond }) => perSecond))),
    rpc_ratio_to_bare: Number(median(ratios).toFixed(3)),
    rpc_cpu_us: Number(median(rounds.kit.map(({ cpuUs }) => cpuUs)).toFixed(1)),
    bare_cpu_us: Number(median(rounds.bare.map(({ cpuUs }) => cpuUs)).toFixed(1)),
  };
}

async function startPair(kind: Kind): Promise<Pair> {
  const server = start(kind, 'server');
  const { port } = (await heard(server)) as { port: number };
  const client = start(kind, 'client', String(port));
  await heard(client);
  return { server, client };
}

async function measureRound({ server, client }: Pair, order: PeerOrder): Promise<Round> {
  const pids = [server.pid ?? 0, client.pid ?? 0];
  const before = cpuOfProcesses(pids);
  client.send(order);
  const { calls, seconds } = (await heard(client)) as { calls: number; seconds: number };
  return { perSecond: calls / seconds, cpuUs: (cpuOfProcesses(pids) - before) / calls };
}

function start(...role: string[]): ChildProcess {
  return fork(`${import.meta.dirname}/rpc-peer.ts`, role, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function heard(child: ChildProcess): Promise<PeerMessage> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const ended = once(child, 'exit', { signal }).then(() =>
      Promise.reject(new Error('a peer of the benchmark ended')),
    );
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [PeerMessage];
    return message;
  } finally {
    over.abort();
  }
}
