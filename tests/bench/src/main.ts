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
  idle: 'tests/bench/src/idle.ts',
  reads: 'services/gateway/bench/reads.ts',
  market: 'services/stock/bench/market.ts',
  orders: 'services/order/bench/orders.ts',
  streams: 'services/order/bench/streams.ts',
  history: 'services/order/bench/history.ts',
  verify: 'services/portfolio/bench/verify.ts',
  web: 'web/bench/web.ts',
} as const;

const usage = `Usage: npm run --silent bench -- <suite> [--json] [--long]\nSuites: ${Object.keys(suites).join(', ')}`;

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
  const { help, name, ...values } = given();
  if (help) {
    console.log(usage);
    return 0;
  }
  if (name === undefined) {
    console.error(usage);
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

/** No name when it was asked for something that is not there. */
function given(): SuiteOptions & { help: boolean; name: keyof typeof suites | undefined } {
  const { values, positionals, tokens } = parseArgs({
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: { json: { type: 'boolean' }, long: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const [name] = positionals;
  const known = tokens.every((token) => token.kind !== 'option' || ['json', 'long', 'help'].includes(token.name));
  return {
    json: values.json === true,
    long: values.long === true,
    help: values.help === true,
    name: known && name !== undefined && positionals.length === 1 && isSuite(name) ? name : undefined,
  };
}

function isSuite(name: string): name is keyof typeof suites {
  return Object.hasOwn(suites, name);
}

process.exitCode = await main();
