import { randomUUID } from 'node:crypto';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { peopleOf } from './people.ts';
import { type System, startSystem, tradingServices } from './system.ts';
import { accountOf, activitiesOf, becomes, holderOf, micros, operator, place, placed, verified } from './traders.ts';

/** A cash dividend is nobody's free money. New prices begin with a full minute, so it is by request: ANDVARI_LONG=1. */
const SHARES = 100n;

describe.runIf(process.env['ANDVARI_LONG'] === '1')('a cash dividend', () => {
  let system: System;
  let boss: Browser;
  beforeAll(async () => {
    system = await startSystem(tradingServices, { MARKET_HOURS: 'always' });
    boss = await operator(system, peopleOf(system));
  });
  afterAll(() => system.close());

  test('cannot be had together with the price from before it', { timeout: 240_000 }, async () => {
    const holder = await holderOf(peopleOf(system), 'KO', String(SHARES));
    const worth = async (): Promise<bigint> => {
      const { summary } = await accountOf(holder, 'summary { equity }');
      return micros((summary as { equity: string }).equity);
    };
    const before = await worth();
    const input = {
      id: randomUUID(),
      symbol: 'KO',
      type: 'CASH_DIVIDEND',
      amount: '5',
      currency: 'USD',
      exDate: today(),
    };
    const { data, errors } = await boss.ask(
      'mutation ($input: ApplyCorporateActionInput!) { it: applyCorporateAction(input: $input) { __typename } }',
      { input },
    );
    expect({ data, errors }).toEqual({ data: { it: { __typename: 'CorporateAction' } }, errors: [] });
    const sale = { side: 'SELL', type: 'MARKET', quantity: String(SHARES) };
    await eventually(async () => expect(await place(holder, sale)).toMatchObject({ __typename: 'SymbolHalted' }));

    const sold = await eventually(() => placed(holder, sale));
    await becomes(holder, sold, { status: 'FILLED' });
    const paid = activitiesOf(
      await accountOf(holder, 'activities(first: 20) { nodes { type symbol quantity amount } }'),
    );
    expect(paid.filter(({ type }) => type === 'DIVIDEND')).toMatchObject([{ symbol: 'KO', amount: '500' }]);
    // What the price moves in a minute and the spread cost, and not the 500 that were paid.
    const after = await worth();
    expect(after > before ? after - before : before - after).toBeLessThan(100_000_000n);
    await verified(system);
  });
});

const today = (): string => new Date().toISOString().slice(0, 10);
