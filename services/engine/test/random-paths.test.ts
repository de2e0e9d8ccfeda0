import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { liveOrders } from '../src/domain/book-orders.ts';
import { names, Phase, type Reason } from '../src/domain/codes.ts';
import { INT_SHIFT, Int, Location, NONE } from '../src/domain/orders.ts';
import type { EngineState } from '../src/domain/state.ts';
import { engine, run } from './flow.ts';
import { because, createGuide } from './paths.ts';
import { commands } from './random-commands.ts';

/** What the other property tests say is worth no more than what their commands reach. */
const SEEDS = 1000;
const OFTEN = 20;

const reasons = names.reason.map((_, reason) => because(reason as Reason)).slice(1);

const paths = [
  ...names.type.flatMap((type) => [`${type} accepted`, `${type} filled`]),
  ...names.timeInForce.map((timeInForce) => `${timeInForce} filled`),
  'bracket accepted',
  'oco accepted',
  'oto accepted',
  'house filled',
  'trade through several levels',
  'fill-or-kill through several levels',
  'fill-or-kill while both exits stand in the book',
  'stop cascade',
  'stop triggers on arrival',
  'stop triggers by a reference price',
  'stop triggers after a halt or overnight',
  'trailing stop triggers by amount',
  'trailing stop triggers by percentage',
  'exits begin after a part of the entry',
  'quote takes from the book',
  'quote replaces a ladder in part traded',
  'auction trades',
  'auction leaves an imbalance',
  'auction price is no order’s price',
  'auction trade after a halt',
  'self-trade in an auction',
  'order arrives while halted',
  'replace keeps its place',
  'replace crosses',
  'replace ends at what was filled',
  'replace of a partially filled order',
  'replace of a held exit',
  'replace of a waiting stop',
  'replace of a waiting trailing stop',
  'replace of an auction order',
  'replace of an order in a group',
  'cancel of an order in part filled',
  'day end of a waiting stop',
  'day end of a held exit',
  ...reasons,
];

const times = new Map<string, number>();

test('a thousand seeds', () => {
  const drawn = fc.sample(commands(), { numRuns: SEEDS, seed: 1 });
  for (const bodies of drawn) {
    const state = engine();
    const guide = createGuide();
    for (const body of bodies) {
      const { phase = Phase.closed, halted = false } = state.bySymbol.get(body.symbol) ?? {};
      const pairStands = hasPair(state, body.symbol);
      const reports = run(state, body);
      const took = guide({ body, reports, refusal: state.reports.refusal, phase, halted, pairStands });
      for (const path of took) times.set(path, (times.get(path) ?? 0) + 1);
    }
  }
  expect(drawn).toHaveLength(SEEDS);
});

test.each(paths)(`reach this path at least ${OFTEN} times: %s`, (path) => {
  expect(times.get(path) ?? 0).toBeGreaterThanOrEqual(OFTEN);
});

function hasPair(state: EngineState, symbol: string): boolean {
  const { int } = state.orders;
  const book = state.bySymbol.get(symbol);
  const inBook = (slot: number) => slot !== NONE && int[(slot << INT_SHIFT) | Int.location] === Location.book;
  const slots = book === undefined ? [] : liveOrders(state, book);
  return slots.some((slot) => inBook(slot) && inBook(int[(slot << INT_SHIFT) | Int.sibling]!));
}
