import { randomUUID } from 'node:crypto';
import { openLoop } from '@andvari/bench/open-loop';
import { Samples } from '@andvari/bench/samples';
import { printTable } from '@andvari/bench/table';
import { Refused, withApiKey } from '@andvari/demo/gateway';
import type { KeyedTrader } from '@andvari/demo/people';

/**
 * Requests at a steady rate, whether those before are answered or not, as they come from people who do not wait for each other. A time
 * counts from when its request was due: a system that stops for a second is a second late for all who came in it, and not for one of them.
 */
export interface Steady {
  readonly url: string;
  readonly people: readonly KeyedTrader[];
  readonly symbols: readonly string[];
  readonly perSecond: number;
  readonly durationMs: number;
}

export interface SteadyResult {
  readonly p99Ms: number;
  readonly failures: number;
}

export async function steadyLoad({ url, people, symbols, perSecond, durationMs }: Steady): Promise<SteadyResult> {
  const traders = people.map((person) => ({ ...person, session: withApiKey(url, { ...person, id: person.keyId }) }));
  const byKind = new Map<string, Samples>(mix.map(({ name }) => [name, new Samples()]));
  const failures = new Map<string, number>();
  let sent = 0;

  const request = async (): Promise<void> => {
    const at = sent;
    sent += 1;
    const kind = mix[at % mix.length];
    const trader = traders[at % traders.length];
    const symbol = symbols[at % symbols.length];
    if (kind === undefined || trader === undefined || symbol === undefined) return;
    const begun = performance.now();
    try {
      const data = await trader.session.ask<{ placeOrder?: { code?: string } }>(
        kind.query,
        kind.variables(symbol, trader.accountId),
      );
      const code = data.placeOrder?.code;
      if (code !== undefined && !MARKET_SAYS_NO.has(code)) failed(failures, `${kind.name}: ${code}`);
    } catch (error) {
      failed(failures, `${kind.name}: ${error instanceof Refused ? error.message : String(error)}`);
    }
    byKind.get(kind.name)?.record(performance.now() - begun);
  };

  const { latencyMs } = await openLoop({ perSecond, durationMs }, request);
  printTable(
    ['request', 'times', 'p50 ms', 'p99 ms'],
    [...byKind].map(([name, samples]) => [name, samples.count, ...rounded(samples)]),
  );
  const [p50, p99] = rounded(latencyMs);
  const worst = Math.round(latencyMs.percentile(1));
  for (const [what, times] of [...failures].slice(0, 10)) console.log(`${times} times ${what}`);
  console.log(`\n${perSecond}/s: p50 ${p50} ms, p99 ${p99} ms, the worst ${worst} ms from when each was due.`);
  return { p99Ms: p99, failures: failures.values().reduce((all, times) => all + times, 0) };
}

function rounded(samples: Samples): [p50: number, p99: number] {
  return [Math.round(samples.percentile(0.5)), Math.round(samples.percentile(0.99))];
}

function failed(failures: Map<string, number>, what: string): void {
  failures.set(what, (failures.get(what) ?? 0) + 1);
}

/** What the market may say to anybody: answers, not failures. */
const MARKET_SAYS_NO = new Set([
  'TOO_LATE',
  'INSUFFICIENT_BUYING_POWER',
  'INSUFFICIENT_SHARES',
  'NO_PRICE',
  'SYMBOL_HALTED',
]);

interface Kind {
  readonly name: string;
  readonly query: string;
  readonly variables: (symbol: string, accountId: string) => Record<string, unknown>;
}

const quote: Kind = {
  name: 'quote',
  query: 'query Quote($symbol: String!) { quote(symbol: $symbol) { last bid ask change volume asOf } }',
  variables: (symbol) => ({ symbol }),
};
const portfolio: Kind = {
  name: 'portfolio',
  query: `query Portfolio($id: ID!) { account(id: $id) { cashAvailable summary { equity dayPnl }
    holdings(first: 20) { nodes { symbol quantity marketValue } } } }`,
  variables: (_, id) => ({ id }),
};
const orders: Kind = {
  name: 'orders',
  query: 'query Orders($id: ID!) { orders(accountId: $id, first: 20) { nodes { id symbol status } } }',
  variables: (_, id) => ({ id }),
};
const place: Kind = {
  name: 'place',
  query: `mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) {
    ... on Order { id status } ... on Refusal { code message } } }`,
  variables: (symbol, accountId) => ({
    input: {
      accountId,
      clientOrderId: randomUUID(),
      order: { side: 'BUY', type: 'MARKET', quantity: '1', symbol },
    },
  }),
};

/** Of ten requests two are orders. */
const mix: readonly Kind[] = [quote, place, quote, portfolio, quote, orders, place, quote, portfolio, quote];
