import { invalid } from '@andvari/kit/base/errors';
import { authorizeAny } from '@andvari/kit/handler/authorize';
import { reasonFrom, requireName, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import { pageFrom, pageOf } from '@andvari/kit/handler/page';
import { serve } from '@andvari/kit/rpc/server';
import type { Caller } from '@andvari/proto/common/v1/common';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import type { App } from '../app/app.ts';
import { unknownSymbol } from '../app/instruments.ts';
import { dayFromIso, isoDate } from '../domain/days.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { TradingDay } from '../domain/nyse-calendar.ts';
import { barEnd } from '../domain/timeframe.ts';
import {
  actionTo,
  barTo,
  instrumentFrom,
  instrumentTo,
  instrumentTypeFrom,
  marketStateTo,
  moversKindFrom,
  quoteTo,
  termsFrom,
  timeframeMessage,
} from '../messages/convert.ts';
import {
  currencyFrom,
  datesFrom,
  originFrom,
  rangeFrom,
  refuseUnknown,
  requireSymbol,
  requireSymbols,
} from './inputs.ts';
import type { QuoteFeed } from './quote-feed.ts';

/** It stands beside the symbol, for everybody to see. */
const MAX_HALT_REASON = 200;
const MAX_BARS = 1000;
const [MAX_FOUND, DEFAULT_FOUND] = [100, 10];

export function stockRpc(app: App, feed: QuoteFeed) {
  const { instruments, quotes, bars, calendar, corporateActions, fxRates } = app;

  function known(field: string, symbol: string): Instrument {
    const found = app.listings.get(symbol);
    if (found === undefined) throw unknownSymbol(field, symbol);
    return found;
  }

  function several(request: { symbols: string[]; allowUnknown: boolean }) {
    requireSymbols('symbols', request.symbols);
    const { found, unknown } = instruments.get(request.symbols);
    refuseUnknown(request.symbols, unknown, request.allowUnknown);
    return { found, unknown };
  }

  return serve(StockServiceService, {
    async searchInstruments({ query, first }) {
      requireText('query', query, { min: 1, max: 80 });
      const text = query.trim();
      if (text === '') throw invalid('query', 'should say something');
      return { instruments: (await instruments.search(text, firstFrom(first))).map(instrumentTo) };
    },

    async getInstruments(request) {
      const { found, unknown } = several(request);
      return { instruments: found.map(instrumentTo), unknownSymbols: unknown };
    },

    async listInstruments({ sector, exchange, type, currency: given, page: asked }) {
      requireText('sector', sector, { max: 40 });
      requireText('exchange', exchange, { max: 20 });
      const currency = currencyFrom('currency', given);
      const page = pageFrom(asked, 1);
      const filter = { sector, exchange, currency, type: instrumentTypeFrom('type', type) };
      const rows = await instruments.list(filter, { first: page.first, after: String(page.after?.[0] ?? '') });
      const { rows: shown, pageInfo } = pageOf(rows, page, ({ symbol }) => [symbol]);
      return { instruments: shown.map(instrumentTo), pageInfo };
    },

    async getQuotes(request) {
      const { found, unknown } = several(request);
      const told = await quotes.of(found);
      const priced = new Set(told.map(({ symbol }) => symbol));
      return {
        quotes: told.map(quoteTo),
        unknownSymbols: unknown,
        unavailableSymbols: found.map(({ symbol }) => symbol).filter((symbol) => !priced.has(symbol)),
      };
    },

    async getBars(request) {
      requireSymbol('symbol', request.symbol);
      const instrument = known('symbol', request.symbol);
      const { nowUs } = calendar.clock();
      const { timeframe, from, to } = rangeFrom(request, Number(nowUs / 1000n));
      const page = pageFrom(request.page, 3, MAX_BARS);
      const { latestFirst, adjusted } = request;
      const origin = originFrom(request.origin);
      const chart = [
        instrument.symbol,
        adjusted ? 'adjusted' : 'as_traded',
        origin,
        latestFirst ? 'back' : 'on',
      ].join();
      const after = cursorAfter(page.after, timeframe, chart, latestFirst);
      const answer = await bars.of(instrument, {
        timeframe,
        from: latestFirst ? from : Math.max(from, after ?? from),
        to: latestFirst ? Math.min(to, after ?? to) : to,
        first: page.first,
        latestFirst,
        adjusted,
        origin,
      });
      const edge = latestFirst ? answer.bars.at(0) : answer.bars.at(-1);
      const row = edge === undefined ? [] : [edge];
      const { pageInfo } = pageOf(row, page, ({ startsAt }) => [timeframe, chart, startsAt]);
      return {
        bars: answer.bars.map((bar) => barTo(bar, barEnd(timeframe, bar.startsAt) > answer.nowMs)),
        pageInfo: { ...pageInfo, hasNextPage: answer.more },
        source: answer.source,
        asOfUs: BigInt(answer.nowMs) * 1000n,
        timeframe: timeframeMessage(timeframe),
      };
    },

    streamQuotes(request, { signal }) {
      const { found } = several({ ...request, allowUnknown: false });
      return feed.stream(found, signal);
    },

    async getCalendar(request) {
      const { from, to } = datesFrom(request);
      const { days, holidays } = calendar.between(from, to);
      return {
        days: days.map(marketDayTo),
        holidays: holidays.map(({ day, name }) => ({ date: isoDate(day), name })),
      };
    },

    async getClock() {
      const { nowUs, state, next, alwaysOpen } = calendar.clock();
      return {
        nowUs,
        state: marketStateTo[state],
        nextOpenUs: us(next?.opensAt ?? 0),
        nextCloseUs: us(next?.closesAt ?? 0),
        alwaysOpen,
        timeZone: 'America/New_York',
      };
    },

    async getFxRates({ base, quotes: wanted }) {
      if (wanted.length === 0 || wanted.length > 20) throw invalid('quotes', 'should be from 1 to 20 currencies');
      return { rates: await fxRates.of(base, wanted) };
    },

    async listCorporateActions({ symbol, page: asked }) {
      if (symbol !== '') requireSymbol('symbol', symbol);
      const page = pageFrom(asked, 2);
      const [atUs, id] = page.after ?? [];
      if (page.after !== undefined && !isActionCursor(atUs, id))
        throw invalid('page.after', 'is not a cursor of this list');
      const after = page.after === undefined ? undefined : { atUs: BigInt(String(atUs)), id: String(id) };
      const rows = await corporateActions.list(symbol, { first: page.first, after });
      const { rows: shown, pageInfo } = pageOf(rows, page, (row) => [row.appliedAtUs.toString(), row.id]);
      return { actions: shown.map(actionTo), pageInfo };
    },

    async getMovers({ kind, first, currency }) {
      const wanted = currencyFrom('currency', currency);
      const found = await quotes.movers(moversKindFrom(kind), firstFrom(first), wanted);
      return {
        movers: found.map(({ of, change, changePpm }) => ({
          instrument: instrumentTo(known('symbol', of.symbol)),
          quote: quoteTo(of),
          change,
          changePpm,
        })),
        asOfUs: calendar.clock().nowUs,
      };
    },

    async haltSymbol({ symbol, reason }, { caller }) {
      authorizeAny(caller, 'market:halt');
      requireSymbol('symbol', symbol);
      const why = reasonFrom('reason', reason, MAX_HALT_REASON);
      return { instrument: instrumentTo(await instruments.halt(symbol, why, nameOf(caller))) };
    },

    async resumeSymbol({ symbol }, { caller }) {
      authorizeAny(caller, 'market:halt');
      requireSymbol('symbol', symbol);
      return { instrument: instrumentTo(await instruments.resume(symbol, nameOf(caller))) };
    },

    async upsertInstrument({ instrument, expectedVersion }, { caller }) {
      authorizeAny(caller, 'instrument:write');
      if (instrument === undefined) throw invalid('instrument', 'should be said');
      requireSymbol('instrument.symbol', instrument.symbol);
      const { name, exchange, sector } = instrument;
      for (const [field, text] of Object.entries({ name, exchange, sector }))
        requireName(`instrument.${field}`, text, { max: 80 });
      const made = await instruments.upsert(
        instrument.symbol,
        (before) => instrumentFrom(instrument, before),
        expectedVersion,
        nameOf(caller),
      );
      return { instrument: instrumentTo(made) };
    },

    async applyCorporateAction({ action }, { caller }) {
      authorizeAny(caller, 'corporate_action:apply');
      if (action === undefined) throw invalid('action', 'should be said');
      requireUuid('action.id', action.id);
      requireSymbol('action.symbol', action.symbol);
      if (dayFromIso(action.exDate) === undefined) throw invalid('action.ex_date', 'should be a date like 2026-01-31');
      const { id, symbol, exDate } = action;
      const applied = await corporateActions.apply({ id, symbol, exDate, terms: termsFrom(action) }, nameOf(caller));
      return { action: actionTo(applied) };
    },
  });
}

/** Where the page after this one begins, or ends. A cursor belongs to its timeframe, and to what the chart is of: the range may be another. */
function cursorAfter(
  after: readonly (string | number)[] | undefined,
  timeframe: Parameters<typeof barEnd>[0],
  chart: string,
  latestFirst: boolean,
): number | undefined {
  if (after === undefined) return undefined;
  const [of, where, startsAt] = after;
  if (of !== timeframe || where !== chart || typeof startsAt !== 'number') {
    throw invalid('page.after', 'is not a cursor of this list');
  }
  return latestFirst ? startsAt : barEnd(timeframe, startsAt);
}

function isActionCursor(atUs: unknown, id: unknown): boolean {
  return /^\d{1,19}$/.test(String(atUs)) && /^[0-9a-f-]{36}$/.test(String(id));
}

function firstFrom(first: number): number {
  if (first < 0 || first > MAX_FOUND) throw invalid('first', `should be from 1 to ${MAX_FOUND}`);
  return first === 0 ? DEFAULT_FOUND : first;
}

function marketDayTo({ day, opensAt, closesAt, preOpensAt, afterClosesAt, earlyClose }: TradingDay) {
  return {
    date: isoDate(day),
    opensAtUs: us(opensAt),
    closesAtUs: us(closesAt),
    preOpensAtUs: us(preOpensAt),
    afterClosesAtUs: us(afterClosesAt),
    earlyClose,
  };
}

function us(ms: number): bigint {
  return BigInt(ms) * 1000n;
}

function nameOf({ userId, service }: Caller): string {
  return userId === '' ? `service:${service}` : userId;
}
