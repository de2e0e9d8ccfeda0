import { assert } from '@andvari/kit/base/errors';
import {
  type CorporateAction as CorporateActionMessage,
  CorporateActionType as CorporateActionTypes,
  type InstrumentType as InstrumentTypes,
} from '@andvari/proto/stock/v1/stock';
import { builder } from '../builder.ts';
import { connectionCost, connectionOf } from '../connection.ts';
import type { GatewayContext } from '../context.ts';
import { uuidFrom } from '../entity-id.ts';
import { findInPages, loadEach, partsOf } from '../find-node.ts';
import { asNamedIn } from '../operation-inputs.ts';
import { protoEnum } from '../proto-enum.ts';
import { NotFound, NotPossible, refusals, refusing } from '../refusals.ts';
import { timeOrNull } from '../scalars.ts';
import { amountOrNull, textOrNull } from '../text.ts';
import { Instrument, InstrumentType } from './instrument.ts';
import { inCapitals, symbolFrom } from './symbols.ts';

const CorporateActionType = protoEnum(
  'CorporateActionType',
  CorporateActionTypes,
  'What a company does with its shares.',
  { SPLIT: 'New shares for old ones, in a ratio.', CASH_DIVIDEND: 'Money for each share.' },
);

/** A node by way of its instrument, which its global id names. */
const CorporateAction = builder.loadableNodeRef<CorporateActionMessage>('CorporateAction', {
  id: { resolve: ({ id, symbol }) => `${id}.${symbol}` },
  load: (ids: string[], { clients }: GatewayContext) =>
    loadEach(ids, (given) => {
      const [wanted, symbol = ''] = partsOf(given, 2);
      return findInPages(
        async (page) => {
          const { actions, pageInfo } = await clients.stock.listCorporateActions({ symbol, page });
          return { rows: actions, pageInfo };
        },
        ({ id }) => id === wanted,
      );
    }),
});

CorporateAction.implement({
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'exDate' in value,
  description: 'A split or a dividend.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Whose.' }),
    instrument: t.field({
      type: Instrument,
      nullable: true,
      description: 'The same as it is now.',
      resolve: ({ symbol }) => symbol,
    }),
    type: t.field({
      type: CorporateActionType.type,
      description: 'Which.',
      resolve: ({ type }) => CorporateActionType.from(type),
    }),
    ratioTo: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'So many new shares …',
      resolve: ({ ratioTo }) => amountOrNull(ratioTo * 1_000_000n),
    }),
    ratioFrom: t.field({
      type: 'Decimal',
      nullable: true,
      description: '… for so many old ones.',
      resolve: ({ ratioFrom }) => amountOrNull(ratioFrom * 1_000_000n),
    }),
    amount: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a dividend, per share.',
      resolve: ({ amount }) => amountOrNull(amount),
    }),
    currency: t.string({
      nullable: true,
      description: 'Of the amount.',
      resolve: ({ currency }) => textOrNull(currency),
    }),
    exDate: t.exposeString('exDate', {
      description:
        'The first day on which a buyer has no part in it, as it was announced: for the record, since an action is carried out when it is applied.',
    }),
    appliedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was carried out.',
      resolve: ({ appliedAtUs }) => timeOrNull(appliedAtUs),
    }),
  }),
});

const UpsertInstrumentInput = builder.inputType('UpsertInstrumentInput', {
  description: 'An instrument as it is to be.',
  fields: (t) => ({
    symbol: t.string({ required: true, description: 'Its symbol.' }),
    name: t.string({ required: true, description: 'Its name.' }),
    exchange: t.string({ required: true, description: 'Where it is listed.' }),
    sector: t.string({ required: true, description: 'What its business is.' }),
    type: t.field({ type: InstrumentType.type, required: true, description: 'What kind of paper it is.' }),
    currency: t.string({ required: true, description: 'Which it is traded in.' }),
    tick: t.field({ type: 'Decimal', required: true, description: 'Prices of one and more are multiples of it.' }),
    tickBelowOne: t.field({ type: 'Decimal', required: true, description: 'Prices below one are multiples of it.' }),
    lot: t.field({ type: 'Decimal', required: true, description: 'Quantities are multiples of it.' }),
    fractionable: t.boolean({ required: true, description: 'Whether parts of one can be traded.' }),
    tradable: t.boolean({ required: true, description: 'Whether orders are taken.' }),
    basePrice: t.field({ type: 'Decimal', required: true, description: 'Where the simulated market begins.' }),
    minNotional: t.field({
      type: 'Decimal',
      required: true,
      description: 'The least that an order by amount may come to.',
    }),
    maxQuantity: t.field({ type: 'Decimal', required: true, description: 'The most that one order may ask for.' }),
    maxPrice: t.field({ type: 'Decimal', required: true, description: 'The highest price that an order may name.' }),
    expectedVersion: t.int({ description: 'The version it was made from; without it, whatever it is.' }),
  }),
});

const ApplyCorporateActionInput = builder.inputType('ApplyCorporateActionInput', {
  description: 'A split or a dividend to carry out.',
  fields: (t) => ({
    id: t.id({
      required: true,
      description: 'A UUID made by the client: sent again with the same, nothing happens twice.',
    }),
    symbol: t.string({ required: true, description: 'Whose.' }),
    type: t.field({ type: CorporateActionType.type, required: true, description: 'Which.' }),
    ratioTo: t.int({ description: 'Of a split: so many new shares …' }),
    ratioFrom: t.int({ description: '… for so many old ones.' }),
    amount: t.field({ type: 'Decimal', description: 'Of a dividend, per share.' }),
    currency: t.string({ description: 'Of the amount.' }),
    exDate: t.string({ required: true, description: '2026-11-27.' }),
  }),
});

const HaltSymbolInput = builder.inputType('HaltSymbolInput', {
  description: 'Trading to interrupt.',
  fields: (t) => ({
    symbol: t.string({ required: true, description: 'In which.' }),
    reason: t.string({ required: true, description: 'Why, in 1 to 200 characters, for everybody to see.' }),
  }),
});

builder.queryField('corporateActions', (t) =>
  t.connection(
    {
      type: CorporateAction,
      nullable: true,
      description: 'Splits and dividends of an instrument, the newest first.',
      complexity: connectionCost,
      authScopes: { may: 'instrument:read' },
      args: { symbol: t.arg.string({ required: true, description: 'Whose.' }) },
      resolve: (_, { symbol: given, ...args }, { clients }) =>
        connectionOf(args, async (page) => {
          const symbol = symbolFrom('symbol', given);
          const { actions, pageInfo } = await clients.stock.listCorporateActions({ symbol, page });
          return { rows: actions, pageInfo };
        }),
    },
    { name: 'CorporateActionConnection', description: 'A page of corporate actions.' },
    { name: 'CorporateActionEdge', description: 'A corporate action and its place in the list.' },
  ),
);

builder.mutationFields((t) => ({
  haltSymbol: t.field({
    type: Instrument,
    nullable: true,
    description: 'For operators: interrupts trading in an instrument.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { mayToAll: 'market:halt' },
    args: { input: t.arg({ type: HaltSymbolInput, required: true, description: 'Which, and why.' }) },
    resolve: async (_, { input }, { clients }) => {
      const halt = { ...input, symbol: inCapitals(input.symbol) };
      const { instrument } = await refusing(clients.stock.haltSymbol(halt));
      assert(instrument, 'HaltSymbol answered without an instrument');
      return instrument;
    },
  }),
  resumeSymbol: t.field({
    type: Instrument,
    nullable: true,
    description: 'For operators: lets trading in an instrument go on.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { mayToAll: 'market:halt' },
    args: { symbol: t.arg.string({ required: true, description: 'In which.' }) },
    resolve: async (_, { symbol }, { clients }) => {
      const { instrument } = await refusing(clients.stock.resumeSymbol({ symbol: inCapitals(symbol) }));
      assert(instrument, 'ResumeSymbol answered without an instrument');
      return instrument;
    },
  }),
  upsertInstrument: t.field({
    type: Instrument,
    nullable: true,
    description: 'For operators: lists an instrument, or changes it.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { mayToAll: 'instrument:write' },
    args: { input: t.arg({ type: UpsertInstrumentInput, required: true, description: 'What.' }) },
    resolve: async (_, { input: { type, maxQuantity, expectedVersion, ...rest } }, { clients }) => {
      const unchanged = { halted: false, haltReason: '', haltedAtUs: 0n, version: 0n };
      const stated = { ...rest, symbol: inCapitals(rest.symbol), type: type as InstrumentTypes, maxQty: maxQuantity };
      const instrument = { ...stated, ...unchanged };
      const request = { instrument, expectedVersion: BigInt(expectedVersion ?? 0) };
      const answer = await refusing(asNamedIn('upsertInstrument', clients.stock.upsertInstrument(request)));
      assert(answer.instrument, 'UpsertInstrument answered without an instrument');
      return answer.instrument;
    },
  }),
  applyCorporateAction: t.field({
    type: CorporateAction,
    nullable: true,
    description:
      'For operators: carries out a split or a dividend. Trading in it stops until prices are those after it, a minute at the most, and everybody has it.',
    errors: refusals(NotFound, NotPossible),
    authScopes: { mayToAll: 'instrument:write' },
    args: { input: t.arg({ type: ApplyCorporateActionInput, required: true, description: 'What.' }) },
    resolve: async (_, { input }, { clients }) => {
      const { id, type, ratioTo, ratioFrom, amount, currency, symbol, exDate } = input;
      const asked = clients.stock.applyCorporateAction({
        action: {
          id: uuidFrom('CorporateAction', 'id', id),
          symbol: inCapitals(symbol),
          exDate,
          type: type as CorporateActionTypes,
          ratioTo: BigInt(ratioTo ?? 0),
          ratioFrom: BigInt(ratioFrom ?? 0),
          amount: amount ?? 0n,
          currency: currency ?? '',
          appliedAtUs: 0n,
          referencePx: 0n,
          effectiveAtUs: 0n,
        },
      });
      const { action } = await refusing(asNamedIn('applyCorporateAction', asked));
      assert(action, 'ApplyCorporateAction answered without an action');
      return action;
    },
  }),
}));
