import { connectDb, transaction } from '@andvari/kit/db/db';
import { migrate } from '@andvari/kit/db/migrate';
import { kitMigrations } from '@andvari/kit/service/foundation';
import { startTestInfra } from '@andvari/servers/test-infra';
import { openListings } from '../src/app/listings.ts';
import { createSimulatedMarket } from '../src/domain/simulated-market.ts';
import { tradingDays } from '../src/domain/trading-days.ts';
import { migrations } from '../src/main.ts';
import { simulatedSymbol } from '../src/ports/simulated.ts';
import { insertMissing } from '../src/store/instruments.ts';
import { madeUpInstruments } from './made-up-instruments.ts';

const LISTED = 50_000;
const NOW = Date.UTC(2026, 5, 10, 15);
const YEAR_MS = 365 * 86_400_000;

/** What a search costs among many instruments, and what the simulated market costs. */
export async function run(): Promise<Record<string, number>> {
  return { ...simulatedCosts(), ...(await searchTimes()) };
}

function simulatedCosts(): Record<string, number> {
  const [listed] = madeUpInstruments(1);
  if (listed === undefined) return {};
  // Another symbol each time: nothing of it is there yet.
  const fresh = (n: number) => simulatedSymbol({ ...listed, symbol: `${listed.symbol}${n}` });
  const measured = (hours: 'nyse' | 'always') => {
    const market = createSimulatedMarket('bench', tradingDays[hours]);
    const bars = (n: number, timeframe: 'day' | 'minute', years: number) =>
      timed(() => {
        let count = 0;
        for (const _ of market.bars(fresh(n), timeframe, { from: NOW - years * YEAR_MS, to: NOW, now: NOW }))
          count += 1;
        return count;
      });
    const tenYears = Array.from({ length: 20 }, (_, n) => bars(n, 'day', 10));
    const year = Array.from({ length: 3 }, (_, n) => bars(100 + n, 'minute', 1));
    const quoted = fresh(200);
    const quotes = timed(() => {
      for (let i = 0; i < 100_000; i += 1) market.quote(quoted, NOW + i * 1000);
    });
    return { first: tenYears[0] ?? 0, tenYears: median(tenYears), year: median(year), quote: quotes / 100 };
  };
  const [nyse, always] = [measured('nyse'), measured('always')];
  return {
    ten_years_daily_first_ms: round(nyse.first),
    ten_years_daily_ms: round(nyse.tenYears),
    ten_years_daily_always_ms: round(always.tenYears),
    year_of_minutes_ms: round(nyse.year),
    year_of_minutes_always_ms: round(always.year),
    quote_us: round(nyse.quote),
    quote_always_us: round(always.quote),
  };
}

async function searchTimes(): Promise<Record<string, number>> {
  const infra = await startTestInfra();
  const db = connectDb(infra.postgresUrl, { maxConnections: 4, statementTimeoutMs: 120_000 });
  try {
    await migrate(db, [kitMigrations, migrations]);
    const all = madeUpInstruments(LISTED);
    for (let from = 0; from < LISTED; from += 1000) {
      await transaction(db, (tx) => insertMissing(tx, all.slice(from, from + 1000)));
    }
    await db`vacuum analyze instruments`;
    const openedAt = performance.now();
    const listings = await openListings(db);
    const openMs = performance.now() - openedAt;
    const indexedAt = performance.now();
    await listings.index();
    const indexMs = performance.now() - indexedAt;
    const queries = [
      'Z',
      'ZA',
      'ZBQ',
      'north',
      'granite',
      'motor',
      'robotics',
      'pac',
      'sofwtare',
      'harbr enrgy',
      '4711',
      'nothing like it',
    ];
    const times: number[] = [];
    for (let turn = 0; turn < 60; turn += 1) {
      for (const query of queries) {
        const startedAt = performance.now();
        await listings.find(query, 10);
        // The first rounds are those of cold code.
        if (turn >= 5) times.push(performance.now() - startedAt);
      }
    }
    const sorted = times.toSorted((a, b) => a - b);
    const at = (part: number) => round(sorted[Math.floor(sorted.length * part)] ?? 0);
    return {
      listed: LISTED,
      listings_open_ms: round(openMs),
      index_made_ms: round(indexMs),
      search_p50_ms: at(0.5),
      search_p99_ms: at(0.99),
      search_worst_ms: round(sorted.at(-1) ?? 0),
    };
  } finally {
    await db.end();
    await infra.stop();
  }
}

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
