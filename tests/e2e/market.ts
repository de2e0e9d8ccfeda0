import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect } from 'vitest';
import { type People, peopleOf } from './people.ts';
import { type PriceSource, priceSource } from './price-source.ts';
import { type System, startSystem, tradingServices, unlimited } from './system.ts';
import type { Trader } from './traders.ts';

/** A whole system for the tests of a file, whose market never closes and whose prices stand still until a story moves them. */
export interface Market {
  readonly system: System;
  readonly people: People;
  readonly prices: PriceSource;
  /** The price as everybody sees it. */
  priceBecomes(trader: Trader, last: string): Promise<void>;
}

export function useMarket(quoted: Record<string, number>, env: Record<string, string> = {}): Market {
  let open: Market | undefined;
  beforeAll(async () => {
    const prices = await priceSource(quoted);
    const system = await startSystem(tradingServices, {
      ...prices.env,
      ...unlimited,
      MARKET_HOURS: 'always',
      ...env,
    });
    open = { system, people: peopleOf(system), prices, priceBecomes };
  });
  afterAll(async () => {
    await open?.system.close();
    await open?.prices.close();
  });
  const opened = (): Market => {
    if (open === undefined) throw new Error('the market opens before the first test');
    return open;
  };
  const priceBecomes: Market['priceBecomes'] = async ({ browser, symbol }, last) => {
    opened().prices.set(symbol, Number(last));
    await eventually(async () => {
      const { data } = await browser.ask(`{ quote(symbol: "${symbol}") { last } }`);
      expect(data).toEqual({ quote: { last } });
    });
  };
  return {
    priceBecomes,
    get system() {
      return opened().system;
    },
    get people() {
      return opened().people;
    },
    get prices() {
      return opened().prices;
    },
  };
}
