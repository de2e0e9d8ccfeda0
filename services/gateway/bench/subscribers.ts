import { setTimeout as pause } from 'node:timers/promises';
import { cpuOfProcesses } from '@andvari/bench/cpu';
import { rssMb } from '@andvari/bench/memory';
import { Samples } from '@andvari/bench/samples';
import { Secret } from '@andvari/kit/base/config';
import { openNats } from '@andvari/kit/nats/nats';
import { openLog } from '@andvari/kit/observe/log';
import { Scope } from '@andvari/kit/process/scope';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { quoteOf } from '../test/fake-market.ts';
import { type Subscriber, subscribe, subscribeMany } from '../test/many-subscribers.ts';
import type { Target } from './load.ts';

const SUBSCRIBERS = 1000;
const SYMBOLS = Array.from({ length: 20 }, (_, at) => `SSE${at}`);
/** Each symbol five times a second, one after the other. */
const EVERY_MS = 200;
/** Of how many every quote is looked at: looking at all would take more than sending them. */
const CLOSE = 50;
const QUERY = `subscription { quotes(symbols: ${JSON.stringify(SYMBOLS)}) { quotes { symbol last bid ask change changeRatio volume asOf isStale } } }`;

/** A thousand event streams on twenty symbols that move five times a second each, one of which does not read. */
export async function measureSubscribers(target: Target, natsUrl: string, seconds: number) {
  const scope = new Scope(openLog('bench', 'warn'));
  const nats = await openNats(scope, { url: new Secret(natsUrl), service: 'bench' });
  const tick = (symbol: string, price: bigint): void =>
    nats.connection.publish(`md.quote.${symbol}`, Quote.encode(quoteOf(symbol, price)).finish());
  for (const symbol of SYMBOLS) tick(symbol, 1_000_000n);
  await nats.connection.flush();
  let all: Subscriber[] = [];
  try {
    all = await subscribeMany(SUBSCRIBERS, (at) =>
      subscribe(`http://127.0.0.1:${target.port}`, {
        token: target.tokens[at % target.tokens.length] ?? '',
        address: `10.9.${at % 4}.${at % 250}`,
        query: QUERY,
        times: at > 0 && at <= CLOSE ? /"asOf":"([^"]+)"/g : undefined,
      }),
    );
    await ticking(tick, 1);
    const heard = () => all.reduce((sum, { frames }) => sum + frames, 0);
    const ages = all.map(({ ages: told }) => told.length);
    all[0]?.pause();
    const [cpuBefore, rssBefore, heardBefore] = [cpuOfProcesses([target.pid]), rssMb(target.pid), heard()];
    await ticking(tick, seconds);
    await pause(EVERY_MS * 2);
    const messages = heard() - heardBefore;
    const cpuUs = cpuOfProcesses([target.pid]) - cpuBefore;
    const samples = new Samples();
    for (const [at, { ages: told }] of all.entries()) for (const age of told.slice(ages[at])) samples.record(age);
    return {
      sse_messages_per_s: Math.round(messages / seconds),
      sse_cpu_us_per_message: Number((cpuUs / messages).toFixed(1)),
      sse_p50_ms: samples.percentile(0.5),
      sse_p99_ms: samples.percentile(0.99),
      sse_rss_growth_mb: Number((rssMb(target.pid) - rssBefore).toFixed(1)),
    };
  } finally {
    for (const subscriber of all) subscriber.close();
    await scope.close();
  }
}

async function ticking(tick: (symbol: string, price: bigint) => void, seconds: number): Promise<void> {
  const startedAt = performance.now();
  const every = EVERY_MS / SYMBOLS.length;
  for (let count = 0; count * every < seconds * 1000; count += 1) {
    const wait = startedAt + count * every - performance.now();
    if (wait > 0) await pause(wait);
    tick(SYMBOLS[count % SYMBOLS.length] ?? '', 100_000_000n + BigInt(count) * 10_000n);
  }
}
