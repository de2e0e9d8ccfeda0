import { AppError } from '@andvari/kit/base/errors';
import { type Instrument as InstrumentMessage, InstrumentType as InstrumentTypes } from '@andvari/proto/stock/v1/stock';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf, connectionOfRanked, MAX_RANKED } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { protoEnum } from '../proto-enum.ts';
import { timeOrNull } from '../scalars.ts';
import { textOrNull } from '../text.ts';
import { isSymbol, symbolFrom } from './symbols.ts';

export const InstrumentType = protoEnum('InstrumentType', InstrumentTypes, 'What kind of paper it is.', {
  EQUITY: 'A share in a company.',
  ETF: 'A share in a fund that is traded like one.',
});

/** All instruments that a response speaks of come in one call. */
export const Instrument = builder.loadableNodeRef<InstrumentMessage>('Instrument', {
  id: { resolve: ({ symbol }) => symbol },
  load: loadInstruments,
});

Instrument.implement({
  description: 'What can be traded.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'fractionable' in value,
  authScopes: { may: 'instrument:read' },
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Its name on the exchange.' }),
    name: t.exposeString('name', { description: 'Its name for people.' }),
    exchange: t.exposeString('exchange', { description: 'Where it is listed.' }),
    sector: t.exposeString('sector', { description: 'What its business is.' }),
    type: t.field({
      type: InstrumentType.type,
      description: 'What kind of paper it is.',
      resolve: ({ type }) => InstrumentType.from(type),
    }),
    currency: t.exposeString('currency', { description: 'Which it is traded in.' }),
    tick: t.field({
      type: 'Decimal',
      description: 'Prices of one and more are multiples of it.',
      resolve: ({ tick }) => tick,
    }),
    tickBelowOne: t.field({
      type: 'Decimal',
      description: 'Prices below one are multiples of it.',
      resolve: ({ tickBelowOne }) => tickBelowOne,
    }),
    lot: t.field({
      type: 'Decimal',
      description: 'Quantities are multiples of it, unless it is fractionable.',
      resolve: ({ lot }) => lot,
    }),
    fractionable: t.exposeBoolean('fractionable', { description: 'Whether parts of one can be traded.' }),
    minNotional: t.field({
      type: 'Decimal',
      description: 'The least that an order by amount may come to.',
      resolve: ({ minNotional }) => minNotional,
    }),
    maxQuantity: t.field({
      type: 'Decimal',
      description: 'The most that one order may ask for.',
      resolve: ({ maxQty }) => maxQty,
    }),
    maxPrice: t.field({
      type: 'Decimal',
      description: 'The highest price that an order may name.',
      resolve: ({ maxPrice }) => maxPrice,
    }),
    tradable: t.exposeBoolean('tradable', { description: 'Whether orders are taken at all.' }),
    halted: t.exposeBoolean('halted', { description: 'Whether trading is interrupted.' }),
    haltReason: t.string({ nullable: true, description: 'Why.', resolve: ({ haltReason }) => textOrNull(haltReason) }),
    haltedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when.',
      resolve: ({ haltedAtUs }) => timeOrNull(haltedAtUs),
    }),
    version: t.int({ description: 'Grows with every change.', resolve: ({ version }) => Number(version) }),
  }),
});

const InstrumentFilter = builder.inputType('InstrumentFilter', {
  description: 'What is left out does not narrow.',
  fields: (t) => ({
    sector: t.string({ description: 'Of this sector.' }),
    exchange: t.string({ description: 'Of this exchange.' }),
    currency: t.string({ description: 'Traded in this currency; in any case.' }),
    type: t.field({ type: InstrumentType.type, description: 'Of this kind.' }),
  }),
});

builder.queryFields((t) => ({
  instrument: t.field({
    type: Instrument,
    nullable: true,
    description: 'One instrument; null where there is none of that symbol.',
    authScopes: { may: 'instrument:read' },
    args: { symbol: t.arg.string({ required: true, description: 'Its symbol.' }) },
    resolve: async (_, { symbol: given }, context) => {
      const symbol = symbolFrom('symbol', given);
      try {
        return await Instrument.getDataloader(context).load(symbol);
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return null;
        throw error;
      }
    },
  }),
  instruments: t.connection(
    {
      type: Instrument,
      nullable: true,
      description: 'All instruments by symbol.',
      complexity: connectionCost,
      authScopes: { may: 'instrument:read' },
      args: { filter: t.arg({ type: InstrumentFilter, description: 'Which.' }) },
      resolve: (_, { filter, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const asked = clients.stock.listInstruments({
            sector: filter?.sector ?? '',
            exchange: filter?.exchange ?? '',
            currency: filter?.currency ?? '',
            type: (filter?.type ?? 0) as InstrumentTypes,
            page,
          });
          const { instruments, pageInfo } = await asNamedIn('instruments', asked);
          return { rows: instruments, pageInfo };
        }),
    },
    { name: 'InstrumentConnection', description: 'A page of instruments.' },
    { name: 'InstrumentEdge', description: 'An instrument and its place in the list.' },
  ),
  searchInstruments: t.connection(
    {
      type: Instrument,
      nullable: true,
      description: `What somebody who types this may mean, the likeliest first: symbols that begin with it, then names. The best ${MAX_RANKED} at the most.`,
      complexity: connectionCost,
      authScopes: { may: 'instrument:read' },
      args: { query: t.arg.string({ required: true, description: 'What was typed.' }) },
      resolve: (_, { query, ...args }, { clients }) => {
        const found = async (first: number) => (await clients.stock.searchInstruments({ query, first })).instruments;
        return connectionOfRanked(args, [query.trim()], found);
      },
    },
    { name: 'InstrumentSearchConnection', description: 'What was found.' },
    { name: 'InstrumentSearchEdge', description: 'An instrument and its place among those found.' },
  ),
}));

async function loadInstruments(symbols: string[], { clients }: GatewayContext): Promise<(InstrumentMessage | Error)[]> {
  const asked = symbols.filter(isSymbol);
  const { instruments } =
    asked.length === 0
      ? { instruments: [] }
      : await clients.stock.getInstruments({ symbols: asked, allowUnknown: true });
  const found = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  return symbols.map((symbol) => found.get(symbol) ?? instrumentMissing());
}

function instrumentMissing(): AppError {
  return new AppError('not_found', 'no such instrument', { reason: 'instrument_not_found' });
}
