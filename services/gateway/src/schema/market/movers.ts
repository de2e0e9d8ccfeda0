import { type Mover as MoverMessage, MoversKind as MoversKinds } from '@andvari/proto/stock/v1/stock';
import { builder } from '../builder.ts';
import { connectionCost, connectionOfRanked, MAX_RANKED } from '../connection.ts';
import { protoEnum } from '../proto-enum.ts';
import { Instrument } from './instrument.ts';
import { Quote } from './quote.ts';
import { inCapitals } from './symbols.ts';

const MoversKind = protoEnum('MoversKind', MoversKinds, 'By what they are ranked.', {
  GAINERS: 'The largest rise since the close before, in percent.',
  LOSERS: 'The largest fall since the close before, in percent.',
  MOST_ACTIVE: 'The most shares traded in the session.',
});

const Mover = builder.objectRef<MoverMessage>('Mover').implement({
  description: 'An instrument that stands out today.',
  fields: (t) => ({
    symbol: t.string({ description: 'Of which.', resolve: symbolOf }),
    instrument: t.field({
      type: Instrument,
      nullable: true,
      description: 'Which.',
      resolve: ({ instrument }) => instrument ?? null,
    }),
    quote: t.field({
      type: Quote,
      nullable: true,
      description: 'What it costs.',
      resolve: ({ quote }) => quote ?? null,
    }),
    change: t.field({ type: 'Decimal', description: 'Last less previous close.', resolve: ({ change }) => change }),
    changeRatio: t.field({
      type: 'Decimal',
      description: 'Change by previous close: 0.01 is 1 %.',
      resolve: ({ changePpm }) => changePpm,
    }),
  }),
});

builder.queryField('movers', (t) =>
  t.connection(
    {
      type: Mover,
      nullable: true,
      description: `Instruments that stand out today, the first ${MAX_RANKED} at the most.`,
      complexity: connectionCost,
      authScopes: { may: 'instrument:read' },
      args: {
        kind: t.arg({ type: MoversKind.type, required: true, description: 'By what they are ranked.' }),
        currency: t.arg.string({ description: 'Traded in this currency only; in any case.' }),
      },
      resolve: (_, { kind: asked, currency: given, ...args }, { clients }) => {
        const [kind, currency] = [asked as MoversKinds, inCapitals(given ?? '')];
        const ranked = async (first: number) => (await clients.stock.getMovers({ kind, first, currency })).movers;
        return connectionOfRanked(args, [String(kind), currency], ranked);
      },
    },
    { name: 'MoverConnection', description: 'A page of movers.' },
    { name: 'MoverEdge', description: 'A mover and its rank.' },
  ),
);

function symbolOf({ instrument, quote }: MoverMessage): string {
  return instrument?.symbol ?? quote?.symbol ?? '';
}
