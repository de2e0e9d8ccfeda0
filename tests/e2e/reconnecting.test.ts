import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@andvari/kit/testing/eventually';
import { expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { useMarket } from './market.ts';
import { becomes, placed, type Trader, traderWithMoney, verified } from './traders.ts';

/** A reader that hangs up again and again, and whose gateway is killed, with the position it has seen last. */
const market = useMarket({ AAPL: 200 });

const ORDERS = 40;
const LOOK_EVERY_MS = 5;
/** So many pieces of news are read of a connection before it is dropped. */
const READ_OF_ONE = 3;
const LONG = { timeoutMs: 120_000 };

interface News {
  type: string;
  position?: string;
  execution?: { execId: string };
  orderId?: string;
  event?: string | null;
}

/** What a reader has heard over all its connections; where it went on is the position of the last of it. */
interface Reader {
  readonly heard: News[];
  connections: number;
  /** The position that was seen last; undefined before the first. */
  since: string | undefined;
  /** Over as soon as so much has been heard that satisfies. */
  until(satisfied: (heard: readonly News[]) => boolean): Promise<void>;
}

function reader(gateways: readonly Browser[], subscription: (since: string) => string): Reader {
  const self: Reader = {
    heard: [],
    since: undefined,
    connections: 0,
    async until(satisfied) {
      const deadline = performance.now() + LONG.timeoutMs;
      while (!satisfied(self.heard)) {
        if (performance.now() > deadline) throw new Error(`only this was heard: ${JSON.stringify(self.heard)}`);
        // Whichever gateway is up; one that is not refuses the connection.
        const gateway = gateways[self.connections++ % gateways.length] as Browser;
        await readSome(gateway).catch(() => pause(LOOK_EVERY_MS));
      }
    },
  };
  return self;

  async function readSome(gateway: Browser): Promise<void> {
    const stream = await gateway.subscribe(subscription(self.since === undefined ? '' : `, since: "${self.since}"`));
    const startedAt = performance.now();
    let taken = 0;
    try {
      for (let items = 0; items < READ_OF_ONE && performance.now() - startedAt < 500; ) {
        const result = stream.received[taken];
        if (result === undefined) {
          if (stream.ended()) return;
          await pause(LOOK_EVERY_MS);
          continue;
        }
        taken += 1;
        expect(result.errors ?? []).toEqual([]);
        const news = (result.data as { it: News }).it;
        self.since = news.position ?? self.since;
        if (news.type === 'SubscriptionStarted') continue;
        self.heard.push(news);
        items += 1;
      }
    } finally {
      stream.close();
    }
  }
}

async function executionsOf({ browser, account }: Trader): Promise<string[]> {
  const { data, errors } = await browser.ask(
    'query ($id: ID!) { executions(accountId: $id, first: 100) { nodes { execId } } }',
    { id: account },
  );
  expect(errors).toEqual([]);
  return (data['executions'] as { nodes: { execId: string }[] }).nodes.map(({ execId }) => execId);
}

test('a subscription that is taken up again and again misses nothing and repeats nothing, whoever answers', {
  timeout: 300_000,
}, async () => {
  const trader = await traderWithMoney(market.people, 'AAPL');
  const other = trader.browser.at(await market.system.anotherGateway());
  const gateways = [trader.browser, other];
  const executions = reader(
    gateways,
    (since) => `subscription { it: executions(accountId: "${trader.account}"${since}) {
      type: __typename ... on SubscriptionStarted { position } ... on ExecutionArrived { position execution { execId } } } }`,
  );
  const orders = reader(
    gateways,
    (since) => `subscription { it: orderUpdates(accountId: "${trader.account}"${since}) {
      type: __typename ... on SubscriptionStarted { position } ... on OrderMoved { position orderId event } } }`,
  );
  // A first order each, so that both have a place to go on from before the others are placed.
  const first = await listening();

  const finished = Promise.all([
    executions.until((heard) => heard.length >= ORDERS),
    orders.until((heard) => heard.filter(({ event }) => event === 'FILL').length >= ORDERS),
  ]);
  finished.catch(() => undefined);
  const ids = [first];
  for (let order = 1; order < ORDERS; order += 1) {
    // In the middle of it the reader's own gateway dies; orders go to the other one meanwhile.
    if (order === ORDERS / 4) await market.system.stop('gateway', 'SIGKILL');
    if (order === ORDERS / 2) await market.system.start('gateway');
    ids.push(await placed({ ...trader, browser: other }, { side: 'BUY', type: 'MARKET', quantity: '1' }));
  }
  await finished;
  for (const id of ids) await becomes(trader, id, { status: 'FILLED' });

  expect(executions.connections).toBeGreaterThan(ORDERS / READ_OF_ONE);
  const filled = executions.heard.map(({ execution }) => execution?.execId);
  expect(executions.heard.every(({ type }) => type === 'ExecutionArrived')).toBe(true);
  await eventually(async () => expect((await executionsOf(trader)).toReversed()).toEqual(filled));
  // Of each order each thing once: that it was taken on, and what the engine says of it, in the engine's order.
  const events = Map.groupBy(orders.heard, ({ orderId }) => orderId);
  expect(events.size).toBe(ORDERS);
  for (const [orderId, news] of events) {
    expect(news, orderId).toHaveLength(3);
    expect(
      news.flatMap(({ event }) => event ?? []),
      orderId,
    ).toEqual(['NEW', 'FILL']);
  }

  /** Places once both readers have a position, and returns the order when they have heard of it. */
  async function listening(): Promise<string> {
    const started = Promise.all([
      executions.until((heard) => heard.length > 0),
      orders.until((heard) => heard.some(({ event }) => event === 'FILL')),
    ]);
    started.catch(() => undefined);
    await eventually(() => expect([executions.since, orders.since]).not.toContain(undefined), LONG);
    const id = await placed(trader, { side: 'BUY', type: 'MARKET', quantity: '1' });
    await started;
    return id;
  }
});

test('the ledger verifies clean', () => verified(market.system));
