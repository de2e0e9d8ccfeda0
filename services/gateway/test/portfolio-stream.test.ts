import { eventually } from '@andvari/kit/testing/eventually';
import { Quote } from '@andvari/proto/stock/v1/stock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen, settled } from './account-listener.ts';
import { quoteOf } from './fake-market.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** What an account is worth, while prices move and the ledger changes. */
let rig: GatewayRig;
beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
});
afterAll(() => rig.close());

describe('portfolio', () => {
  test('prices that move are put to what the ledger said, without asking it again', async () => {
    const user = userIdOf('rich');
    const stream = await listen(rig, 'portfolio', user);
    // A gateway that has just started may not be listening to prices yet, and asks for those that it missed.
    await eventually(async () => {
      await tick('ACME', 100_000_000n);
      await tick('GLOBEX', 50_000_000n);
      expect(stream.updates().at(-1)?.summary?.marketValue).toBe('1500');
    });
    const before = stream.updates().length;
    rig.portfolio.calls.length = 0;
    for (let price = 101n; price <= 140n; price += 1n) await tick('ACME', price * 1_000_000n);
    await eventually(() =>
      expect(stream.updates().at(-1)?.summary).toMatchObject({ marketValue: '1900', equity: '11900' }),
    );
    expect(rig.portfolio.callsOf('getSummary')).toEqual([]);
    expect(stream.updates().length - before).toBeLessThan(40);
    stream.close();
  });

  test('the ledger is asked again when it has changed', async () => {
    const user = userIdOf('traded');
    const stream = await listen(rig, 'portfolio', user);
    await eventually(() => expect(stream.updates()).toHaveLength(1));
    rig.portfolio.calls.length = 0;
    await settled(rig, user);
    await eventually(() => expect(rig.portfolio.callsOf('getSummary').length).toBeGreaterThan(0));
    await eventually(() => expect(stream.updates().length).toBeGreaterThan(1));
    stream.close();
  });

  test('a price that is older than it is good for is said to be', async () => {
    const quotes = rig.stock.answers['getQuotes'];
    rig.stock.answers['getQuotes'] = () => ({ quotes: [], unknownSymbols: [], unavailableSymbols: [] });
    const old = { ...quoteOf('ACME'), asOfUs: BigInt(Date.now() + 1000) * 1000n, validUntilUs: 1n };
    rig.nats.connection.publish('md.quote.ACME', Quote.encode(old).finish());
    await rig.nats.connection.flush();
    const stream = await listen(rig, 'portfolio', userIdOf('poor'));
    await eventually(() => expect(stream.updates().at(-1)?.summary?.staleSymbols).toContain('ACME'));
    stream.close();
    Object.assign(rig.stock.answers, { getQuotes: quotes });
  });
});

async function tick(symbol: string, last: bigint): Promise<void> {
  rig.nats.connection.publish(`md.quote.${symbol}`, Quote.encode(quoteOf(symbol, last)).finish());
  await rig.nats.connection.flush();
}
