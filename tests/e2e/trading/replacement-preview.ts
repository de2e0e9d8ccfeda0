import { randomUUID } from 'node:crypto';
import { mulberry32 } from '@andvari/kit/base/mulberry32';
import { eventually } from '@andvari/kit/testing/eventually';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { expect, test } from 'vitest';
import type { Market } from '../market.ts';
import { accountOf, becomes, cancelled, holderOf, micros, placed, type Trader } from '../traders.ts';
import { groupPlaced } from './groups.ts';

const SEED = 20_261_127;
const ROUNDS = 120;
/** Of the many changes that are too dear, chance may pick none where another thing is wrong first: these come before it. */
const TOO_MUCH: readonly { what: string; change: Record<string, string> }[] = [
  { what: 'a buy', change: { quantity: '90' } },
  { what: 'a sale', change: { quantity: '90' } },
];

interface Known {
  id: string;
  side: 'BUY' | 'SELL';
  what: string;
  /** What can be changed of it, by its own terms. */
  terms: readonly string[];
}

/**
 * What a replacement is said to come to, and what it comes to: the real order service and the real ledger, asked both, for
 * orders and changes left to chance. The engine rests meanwhile, so nothing moves between the two answers. Fees are
 * dear from then on: whoever shares its market comes first.
 */
export function replacementPreview(market: Market): void {
  test('a replacement is refused for what its preview says, and else holds what its preview says', {
    timeout: 300_000,
  }, async () => {
    const { system, people } = market;
    const [trader, others] = [await holderOf(people, 'INTC', '40'), await holderOf(people, 'INTC', '20')];
    const schedule = { id: '', name: 'dear', perOrder: 1_000_000n, perShare: 5_000n, basisPoints: 3_500_000n };
    await system
      .client('portfolio', PortfolioServiceService)
      .setFeeSchedule({ schedule: { ...schedule, minimum: 1_500_000n, maximum: 0n, effectiveFromUs: 0n } });
    const orders = await ordersInManyStates(trader, others);
    await system.stop('engine');

    const chance = mulberry32(SEED);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T;
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const certain = TOO_MUCH[round];
      const order = orders.find(({ what }) => what === certain?.what) ?? pick(orders);
      const change = certain?.change ?? changeFor(order, pick, chance);
      // A change that is under way is refused whatever it was.
      if (certain === undefined && chance() < 0.03) await cancelled(trader, order.id);
      const told = `round ${round}: ${order.what} ${JSON.stringify(change)}`;
      const before = await free(trader, order.side);
      const foreseen = await foresee(trader, order.id, change);
      expect(await free(trader, order.side), `${told}: a preview keeps nothing`).toBe(before);
      const done = await replace(trader, order.id, change);
      const after = await free(trader, order.side);
      if (done['__typename'] !== 'Order') {
        expect(refusalIn(foreseen), told).toEqual(done);
        expect(after, `${told}: what is refused holds nothing`).toBe(before);
        count(seen, String(done['code']));
        continue;
      }
      expect(foreseen, told).toMatchObject({ __typename: 'ReplacementPreview', refusals: [] });
      expect(micros(String(foreseen['availableBefore'])), `${told}: before`).toBe(before);
      expect(micros(String(foreseen['availableAfter'])), `${told}: after`).toBe(after);
      expect(micros(String(foreseen['reserved'])), `${told}: held besides`).toBe(before - after);
      const next = { ...order, id: String(done['id']), what: `${order.what}, replaced` };
      // Mostly the old one is left alone, which can only be told that it waits.
      orders.splice(orders.indexOf(order), chance() < 0.8 ? 1 : 0, next);
      count(seen, 'accepted');
    }
    // Left to chance, but not to luck: what is to be compared was there.
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining([
        'accepted',
        'change_pending',
        'too_late',
        'price_off_tick',
        'group_quantity_fixed',
        'exit_on_wrong_side',
        'insufficient_buying_power',
        'insufficient_shares',
      ]),
    );
    expect(seen.get('accepted')).toBeGreaterThan(ROUNDS / 6);
    await system.start('engine');
    await eventually(async () => {
      const { orders: left } = await accountOf(
        trader,
        'orders(filter: { state: OPEN }, first: 100) { nodes { status } }',
      );
      const states = (left as { nodes: { status: string }[] }).nodes.map(({ status }) => status);
      expect(states.filter((status) => status.startsWith('PENDING'))).toEqual([]);
    });
  });
}

const count = (seen: Map<string, number>, code: string): void => void seen.set(code, (seen.get(code) ?? 0) + 1);

const exits = (quantity: string) => [
  { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', quantity, limitPrice: '220' },
  { side: 'SELL', type: 'STOP', timeInForce: 'GTC', quantity, stopPrice: '160' },
];
const entry = (quantity: string, limitPrice: string) => {
  return { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity, limitPrice };
};

/** Alone and in groups; at rest, filled in part, held, waiting for a trigger, filled and cancelled. */
async function ordersInManyStates(trader: Trader, others: Trader): Promise<Known[]> {
  const known: Known[] = [];
  const add = async (what: string, spec: Record<string, unknown>, status: string): Promise<string> => {
    const id = await placed(trader, { timeInForce: 'GTC', ...spec });
    await becomes(trader, id, { status });
    known.push({ id, side: spec['side'] as Known['side'], what, terms: Object.keys(spec) });
    return id;
  };
  await add('a filled buy', { side: 'BUY', type: 'MARKET', timeInForce: 'DAY', quantity: '1' }, 'FILLED');
  await add('a buy in parts', { side: 'BUY', type: 'LIMIT', quantity: '6', limitPrice: '200.01' }, 'NEW');
  await placed(others, { side: 'SELL', type: 'LIMIT', timeInForce: 'IOC', quantity: '2', limitPrice: '200.01' });
  await becomes(trader, known.at(-1)?.id ?? '', { status: 'PARTIALLY_FILLED' });
  await add('a sale in parts', { side: 'SELL', type: 'LIMIT', quantity: '5', limitPrice: '200.03' }, 'NEW');
  await placed(others, { side: 'BUY', type: 'LIMIT', timeInForce: 'IOC', quantity: '2', limitPrice: '200.03' });
  await becomes(trader, known.at(-1)?.id ?? '', { status: 'PARTIALLY_FILLED' });
  await add('a buy', { side: 'BUY', type: 'LIMIT', quantity: '4', limitPrice: '180.5' }, 'NEW');
  await add('a small buy', { side: 'BUY', type: 'LIMIT', quantity: '0.5', limitPrice: '190' }, 'NEW');
  await add('a sale', { side: 'SELL', type: 'LIMIT', quantity: '3', limitPrice: '215' }, 'NEW');
  await add('a stop that sells', { side: 'SELL', type: 'STOP', quantity: '2', stopPrice: '185' }, 'ACCEPTED');
  await add(
    'a stop that buys',
    { side: 'BUY', type: 'STOP_LIMIT', quantity: '2', stopPrice: '210', limitPrice: '212' },
    'ACCEPTED',
  );
  await add(
    'a stop that follows',
    { side: 'SELL', type: 'TRAILING_STOP', quantity: '2', trailPercent: '3' },
    'ACCEPTED',
  );
  const gone = await add('a cancelled buy', { side: 'BUY', type: 'LIMIT', quantity: '1', limitPrice: '170' }, 'NEW');
  await cancelled(trader, gone);
  await becomes(trader, gone, { status: 'CANCELED' });

  const legsOf = async (kind: string, legs: Record<string, unknown>[], statuses: string[]): Promise<void> => {
    const ids = await groupPlaced(trader, kind, legs);
    for (const [leg, id] of ids.entries()) {
      await becomes(trader, id, { status: statuses[leg] });
      const spec = legs[leg] ?? {};
      known.push({
        id,
        side: spec['side'] as Known['side'],
        what: `leg ${leg} of ${kind}`,
        terms: Object.keys(spec).filter((term) => term !== 'quantity' || leg === 0),
      });
    }
  };
  await legsOf('BRACKET', [entry('3', '175'), ...exits('3')], ['NEW', 'HELD', 'HELD']);
  await legsOf('OCO', exits('4'), ['NEW', 'ACCEPTED']);
  await legsOf('OTO', [entry('2', '176'), ...exits('2').slice(0, 1)], ['NEW', 'HELD']);
  await legsOf('BRACKET', [entry('5', '200.02'), ...exits('5')], ['NEW', 'HELD', 'HELD']);
  await placed(others, { side: 'SELL', type: 'LIMIT', timeInForce: 'IOC', quantity: '2', limitPrice: '200.02' });
  await becomes(trader, known.at(-3)?.id ?? '', { status: 'PARTIALLY_FILLED' });
  return known;
}

/** Sizes and prices that are right, off the grid, too dear, too far, nothing at all, and now and then of what it has not. */
function changeFor({ terms }: Known, pick: <T>(all: readonly T[]) => T, chance: () => number): Record<string, string> {
  const prices = ['150', '171.25', '180.5', '190.005', '199.9', '205', '221', '260', '600', '175'];
  const values: Record<string, readonly string[]> = {
    quantity: ['1', '2', '3', '4', '5', '6', '7', '9', '0.5', '0.333333', '30', '90', '5000000'],
    limitPrice: prices,
    stopPrice: prices,
    trailPercent: ['0.5', '2', '4', '120'],
  };
  const chosen = Object.entries(values).filter(([term]) => chance() < (terms.includes(term) ? 0.5 : 0.03));
  return Object.fromEntries(chosen.map(([term, all]) => [term, pick(all)]));
}

const WRONG = `__typename ... on Refusal { code message } ... on InvalidOrder { field facts { name decimal } }
  ... on InvalidInput { field }`;
const SAID = `${WRONG} ... on InsufficientBuyingPower { required available shortBy }
  ... on InsufficientShares { required available shortBy } ... on TooLate { status }`;

async function foresee({ browser }: Trader, orderId: string, change: object): Promise<Record<string, unknown>> {
  const { data, errors } = await browser.ask(
    `query ($input: ReplaceOrderInput!) { previewReplacement(input: $input) { ${WRONG}
      ... on ReplacementPreview { held reserved availableBefore availableAfter refusals { ${SAID} } } } }`,
    { input: { orderId, ...change } },
  );
  expect(errors).toEqual([]);
  return data['previewReplacement'] as Record<string, unknown>;
}

async function replace({ browser }: Trader, orderId: string, change: object): Promise<Record<string, unknown>> {
  const { data, errors } = await browser.ask(
    `mutation ($input: ReplaceOrderInput!) { replaceOrder(input: $input) { ${SAID} ... on Order { id } } }`,
    { input: { orderId, clientOrderId: randomUUID(), ...change } },
  );
  expect(errors).toEqual([]);
  return data['replaceOrder'] as Record<string, unknown>;
}

/** The first of what a preview says against it, or that it cannot be asked at all. */
function refusalIn(foreseen: Record<string, unknown>): unknown {
  if (foreseen['__typename'] !== 'ReplacementPreview') return foreseen;
  return (foreseen['refusals'] as unknown[])[0];
}

/** Money for a buy, shares for a sale: what is free of it. */
async function free(trader: Trader, side: Known['side']): Promise<bigint> {
  if (side === 'BUY') {
    const { buyingPower } = await accountOf(trader, 'buyingPower { amount }');
    return micros((buyingPower as { amount: string }).amount);
  }
  const { holdings } = await accountOf(trader, 'holdings { nodes { symbol quantityAvailable } }');
  const [held] = (holdings as { nodes: { quantityAvailable: string }[] }).nodes;
  return micros(held?.quantityAvailable ?? '0');
}
