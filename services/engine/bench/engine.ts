import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cpuSeconds, drive, driveTimed, openEngine } from './drive.ts';
import { type Flow, generateDeepBook, generateFlow, scenarios } from './flow.ts';
import { driveNodejsOrderBook } from './nodejs-order-book.ts';
import { measureServicePath } from './service-path.ts';

/**
 * The matching core alone, one thread. Commands are made before the clock starts, 512 at a time; each goes through apply()
 * with its reports built. Throughput is messages per second of CPU time of this process (so a busy neighbour on the machine
 * does not count, garbage collection does), the best of three runs on fresh engines after a warm-up. Latencies come from a
 * separate run that reads the clock around every single message; they contain the clock's own cost, which is printed.
 */
export async function run(options: {
  json: boolean;
  long: boolean;
  print?: (line: string) => void;
}): Promise<Record<string, number>> {
  const print = options.print ?? (options.json ? (line: string) => process.stderr.write(`${line}\n`) : console.log);
  const length = options.long ? 2_000_000 : 500_000;
  const peerLength = options.long ? 200_000 : 20_000;
  const figures: Record<string, number> = {};
  print(`clock read: ${Math.round(clockCostNs())} ns`);
  print(
    'scenario       msgs/s (CPU)   p50 us   p99 us  p99.9 us  live orders  reports/msg  trades/msg  nodejs-order-book  ratio',
  );
  drive(openEngine(65_536), generateFlow(scenarios[1]!, length, 1), 0, length, 0);
  for (const scenario of scenarios) measure(generateFlow(scenario, length, 7), 0, peerLength, figures, print);
  const depth = 100_000;
  measure(generateDeepBook(depth, length, 7), depth, peerLength / 40, figures, print);

  const speeds = scenarios.map(({ name }) => figures[`${name}_msgs_per_s`]!);
  const all = [...scenarios.map(({ name }) => name), 'deep_book'];
  figures['worst_msgs_per_s'] = Math.min(...speeds);
  figures['worst_ratio_to_nodejs_order_book'] = Math.min(...all.map((name) => figures[`${name}_ratio`]!));
  figures['p99_us'] = Math.max(...scenarios.map(({ name }) => figures[`${name}_p99_us`]!));
  figures['heap_growth_mb'] = heapGrowthMb(print);

  const path = await measureServicePath(options.long ? 300_000 : 60_000);
  figures['service_commands_per_s'] = Math.round(path.commandsPerSecond);
  figures['service_reports_per_s'] = Math.round(path.reportsPerSecond);
  figures['service_engine_cpu_percent'] = Math.round(path.engineCpuPercent);
  print(
    `the service, from JetStream to JetStream: ${figures['service_commands_per_s']} commands/s, ` +
      `${figures['service_reports_per_s']} reports/s, ${figures['service_engine_cpu_percent']} % of a core in the engine`,
  );
  return figures;
}

function measure(
  flow: Flow,
  from: number,
  peer: number,
  figures: Record<string, number>,
  print: (line: string) => void,
) {
  const messages = flow.length - from;
  let best = 0;
  let driven = openEngine(65_536);
  for (let round = 0; round < 3; round++) {
    driven = openEngine(65_536);
    drive(driven, flow, 0, from, round);
    driven.reports = 0;
    driven.cpuSeconds = 0;
    drive(driven, flow, from, flow.length, round);
    best = Math.max(best, messages / driven.cpuSeconds);
  }
  const latencies = latenciesUs(flow, from);
  const theirs = driveNodejsOrderBook(flow, from, from + peer, cpuSeconds);
  const ours = sameSlice(flow, from, from + peer);
  const row = {
    msgs_per_s: Math.round(best),
    p50_us: percentile(latencies, 0.5),
    p99_us: percentile(latencies, 0.99),
    p999_us: percentile(latencies, 0.999),
    live_orders: meanLiveOrders(flow, from),
    nodejs_order_book_msgs_per_s: Math.round(theirs),
    ratio: Math.round((ours / theirs) * 10) / 10,
  };
  for (const [key, value] of Object.entries(row)) figures[`${flow.name}_${key}`] = value;
  const cells = [
    flow.name.padEnd(13),
    row.msgs_per_s.toLocaleString('en').padStart(13),
    row.p50_us.toFixed(2).padStart(8),
    row.p99_us.toFixed(2).padStart(8),
    row.p999_us.toFixed(2).padStart(9),
    row.live_orders.toLocaleString('en').padStart(12),
    (driven.reports / messages).toFixed(2).padStart(12),
    (driven.state.trades / messages).toFixed(2).padStart(11),
    row.nodejs_order_book_msgs_per_s.toLocaleString('en').padStart(18),
    row.ratio.toFixed(1).padStart(6),
  ];
  print(cells.join(' '));
}

/** How many orders rest in the book on average, looked at every thousand messages. */
function meanLiveOrders(flow: Flow, from: number): number {
  const driven = openEngine(65_536);
  drive(driven, flow, 0, from, 0);
  let sum = 0;
  let looks = 0;
  for (let at = from; at + 1000 <= flow.length; at += 1000, looks++) {
    drive(driven, flow, at, at + 1000, 0);
    sum += driven.state.orders.live;
  }
  return Math.round(sum / looks);
}

/** Our speed on exactly the messages the peer was given, so that the ratio compares like with like. */
function sameSlice(flow: Flow, from: number, to: number): number {
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const driven = openEngine(65_536);
    drive(driven, flow, 0, from, round);
    driven.cpuSeconds = 0;
    drive(driven, flow, from, to, round);
    best = Math.max(best, (to - from) / driven.cpuSeconds);
  }
  return best;
}

/** Every message timed by itself; the better of two passes, as a descheduled process is not the engine's latency. */
function latenciesUs(flow: Flow, from: number): Float64Array {
  const passes = [0, 1].map((round) => {
    const driven = openEngine(65_536);
    drive(driven, flow, 0, from, round);
    return driveTimed(driven, flow, from, flow.length, round).toSorted();
  });
  return passes.reduce((best, pass) => (percentile(pass, 0.99) < percentile(best, 0.99) ? pass : best));
}

/** Ten million messages through one engine: what is in use after the first million against after the last. */
function heapGrowthMb(print: (line: string) => void): number {
  const flow = generateFlow(scenarios[1]!, 1_000_000, 11);
  const driven = openEngine(65_536);
  drive(driven, flow, 0, flow.length, 0);
  const before = usedMb();
  for (let epoch = 1; epoch < 10; epoch++) drive(driven, flow, 0, flow.length, epoch);
  const growth = Math.round((usedMb() - before) * 100) / 100;
  print(
    `10,000,000 messages: ${before.toFixed(1)} MB in use after the first million, ${growth} MB more after the last`,
  );
  return growth;
}

function usedMb(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
}

function clockCostNs(): number {
  const start = performance.now();
  for (let i = 0; i < 1_000_000; i++) performance.now();
  return performance.now() - start;
}

function percentile(sorted: Float64Array, part: number): number {
  return Math.round(sorted[Math.floor(sorted.length * part)]! * 100) / 100;
}

if (import.meta.main) {
  const figures = await run({ json: false, long: process.argv.includes('--long') });
  console.log(JSON.stringify(figures));
}
