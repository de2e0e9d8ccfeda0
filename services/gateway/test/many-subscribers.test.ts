import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@andvari/kit/testing/eventually';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quoteOf } from './fake-market.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';
import { type Subscriber, subscribe, subscribeMany } from './many-subscribers.ts';

const SUBSCRIBERS = 1000;
const SYMBOLS = Array.from({ length: 20 }, (_, at) => `MANY${at}`);
const ROUNDS = 15;
const ROUND_MS = 200;
const QUERY = `subscription { quotes(symbols: ${JSON.stringify(SYMBOLS)}) { quotes { symbol last bid ask change volume asOf isStale } } }`;

let rig: GatewayRig;
const open: Subscriber[] = [];

beforeAll(async () => {
  rig = await gatewayRig({
    LIMIT_PER_USER: '1000000',
    LIMIT_PER_ADDRESS: '1000000',
  });
});
afterAll(async () => {
  for (const subscriber of open) subscriber.close();
  await rig.close();
});

async function round(last: bigint): Promise<void> {
  for (const symbol of SYMBOLS) {
    rig.nats.connection.publish(`md.quote.${symbol}`, Quote.encode(quoteOf(symbol, last * 1_000_000n)).finish());
  }
  await rig.nats.connection.flush();
}

const isCurrent = (subscriber: Subscriber): boolean => SYMBOLS.every((symbol) => subscriber.lastOf(symbol) === '999');

test('a thousand subscribers on twenty symbols all have the newest prices, and so has one that did not read for a while', {
  timeout: 120_000,
}, async () => {
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, at) => rig.tokens.sign({ sub: userIdOf(`many-${at}`) })),
  );
  await round(1n);
  open.push(
    ...(await subscribeMany(SUBSCRIBERS, (at) =>
      subscribe(rig.url, {
        token: tokens[at % 20] ?? '',
        address: `10.9.${at % 4}.${at % 250}`,
        query: QUERY,
      }),
    )),
  );
  await eventually(() => expect(open.filter(({ frames }) => frames > 0)).toHaveLength(SUBSCRIBERS));
  const [slow, ...others] = open;
  slow?.pause();
  const framesBefore = others.map(({ frames }) => frames);
  const bytesBefore = others.map(({ bytes }) => bytes);
  const startedAt = performance.now();
  for (let time = 2; time <= ROUNDS; time += 1) {
    await round(BigInt(time));
    await pause(ROUND_MS);
  }
  await round(999n);
  await eventually(() => expect(others.filter(isCurrent)).toHaveLength(SUBSCRIBERS - 1));
  // At most five lists a second, however many prices there were.
  const most = (performance.now() - startedAt) / ROUND_MS + 2;
  for (const [at, { frames }] of others.entries()) expect(frames - (framesBefore[at] ?? 0)).toBeLessThanOrEqual(most);
  expect(Math.max(...others.map(({ bytes }, at) => bytes - (bytesBefore[at] ?? 0)))).toBeLessThan(most * 5000);
  slow?.resume();
  await eventually(() => expect(slow !== undefined && isCurrent(slow)).toBe(true));
});
