import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { printTable } from './table.ts';

/**
 * `npm run --silent bench -- <suite> [--json] [--long]`. What a suite measures lies beside what it measures; here is only
 * where. People read tables; with --json these go to stderr and the last line of stdout is one flat object.
 */
const suites = {
  kit: 'packages/kit/bench/kit.ts',
  engine: 'services/engine/bench/engine.ts',
  ledger: 'services/portfolio/bench/ledger.ts',
  gateway: 'services/gateway/bench/gateway.ts',
  reads: 'services/gateway/bench/reads.ts',
  market: 'services/stock/bench/market.ts',
  orders: 'services/order/bench/orders.ts',
} as const;

export interface SuiteOptions {
  /** Then stdout is the result's alone. */
  json: boolean;
  /** More and longer runs; without it a suite takes less than a minute. */
  long: boolean;
}

interface Suite {
  run(options: SuiteOptions): Promise<Record<string, number>>;
}

const root = new URL('../../../', import.meta.url);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, long: { type: 'boolean', default: false } },
  });
  const [name] = positionals;
  if (name === undefined || positionals.length !== 1 || !isSuite(name)) {
    console.error(
      `Usage: npm run --silent bench -- <suite> [--json] [--long]\nSuites: ${Object.keys(suites).join(', ')}`,
    );
    return 64;
  }
  const file = new URL(suites[name], root);
  if (!existsSync(file)) {
    console.error(`The suite ${name} is not written yet: ${suites[name]}`);
    return 69;
  }
  // A suite may print as it goes, but what reads the last line must find nothing else on it.
  if (values.json) console.log = console.error;
  console.log(`${name} · ${describeMachine()}`);
  const startedAt = performance.now();
  const suite = (await import(file.href)) as Suite;
  const figures = await suite.run(values);
  printTable(['figure', 'value'], Object.entries(figures));
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s in all`);
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  return 0;
}

function isSuite(name: string): name is keyof typeof suites {
  return Object.hasOwn(suites, name);
}

process.exitCode = await main();
