import { setTimeout as pause } from 'node:timers/promises';
import { readState, runningLauncher } from '@andvari/local/run-state';
import { dataHome } from '@andvari/servers/data-home';
import { type Bot, createBot } from './bot.ts';
import { expectSpeed, tellOfSessions } from './clock.ts';
import { furnish } from './furnish.ts';
import { expectRunning, withApiKey } from './gateway.ts';
import { DEMO_NAMES, DEMO_PASSWORD, emailOf, makeKey } from './people.ts';
import { type Dice, makeMarket, momentum, noise, type Strategy, value } from './strategies.ts';

/**
 * `make demo`: people with money and bots that trade, all through the public API, so that whoever opens the system sees a
 * living market. It may be started again: accounts and deposits are made once. Ctrl-C ends it. `SPEED` says that the market's days are to be
 * played; that is the system's to do, here it is only looked whether it does.
 */
const url = (process.env.ANDVARI_URL ?? gatewayHere() ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
const roundMs = Number(process.env.ROUND_MS ?? '700');
const symbols = (process.env.SYMBOLS ?? 'AAPL,MSFT,NVDA,AMZN,GOOGL,TSLA,JPM,KO').split(',');
const seed = Number(process.env.SEED ?? '1');

const crew: { name: string; strategy: Strategy; replacesItsOrders?: boolean }[] = [
  { name: 'maker', strategy: makeMarket(500_000_000n), replacesItsOrders: true },
  { name: 'noise-1', strategy: noise },
  { name: 'noise-2', strategy: noise },
  { name: 'momentum', strategy: momentum },
  { name: 'value', strategy: value },
];

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

await expectRunning(url);
const [first] = await furnish(url);
const speed = Number(process.env.SPEED ?? '1');
if (speed > 1) await expectSpeed(first.session, speed);
console.log(`Sign in at ${url} as ${DEMO_NAMES.map(emailOf).join(', ')}\n  password  ${DEMO_PASSWORD}`);

const bots: Bot[] = [];
for (const [at, { name, strategy, ...rest }] of crew.entries()) {
  // A bot trades with a key of its own, as a stranger's program would.
  const { accountId, ...key } = await makeKey(url, `bot-${name}`, '1000000');
  const session = withApiKey(url, { id: key.keyId, secret: key.secret });
  bots.push(createBot({ name, session, accountId, symbols, strategy, dice: dice(seed + at), ...rest }));
}
console.log(`${bots.length} bots trade ${symbols.join(', ')}; Ctrl-C ends them.`);
await Promise.all([...bots.map(trade), tellOfSessions(first.session, stop.signal)]);

/** Of what the launcher of this checkout runs, whatever port it took. */
function gatewayHere(): string | undefined {
  const { path } = dataHome();
  const state = runningLauncher(path) === undefined ? undefined : readState(path);
  const port = state?.parts.find(({ name }) => name === 'gateway')?.port;
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

async function trade(bot: Bot): Promise<void> {
  let failures = 0;
  while (!stop.signal.aborted) {
    try {
      await bot.round();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) console.log(`${bot.name}: ${(error as Error).message}; it goes on`);
    }
    const waitMs = Math.min(roundMs * 2 ** failures, 30_000) * (0.75 + Math.random() / 2);
    await pause(waitMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

/** The same seed, the same decisions: a small generator (mulberry32) is all that it takes. */
function dice(start: number): Dice {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
