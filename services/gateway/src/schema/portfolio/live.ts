import { nowUs } from '@andvari/kit/base/clock';
import { type CallContext, currentContext, withContext } from '@andvari/kit/base/context';
import { endable } from '../../live/endable.ts';
import { type LedgerState, type PortfolioSnapshot, readPortfolio } from '../../live/portfolio-reader.ts';
import { builder } from '../builder.ts';
import type { GatewayContext } from '../context.ts';
import { accountIdFrom } from './account.ts';
import { Holding } from './holdings.ts';
import { MAX_HELD, PortfolioSummary, summaryOf } from './summary.ts';

const MAX_SHOWN = 100;

export const PortfolioMoved = builder.objectRef<PortfolioSnapshot>('PortfolioMoved').implement({
  description: 'An account as it stands; what was between this and the one before is left out.',
  fields: (t) => ({
    accountId: t.exposeID('accountId', { description: 'The UUID of the account.' }),
    at: t.field({ type: 'DateTime', description: 'Of when it is.', resolve: ({ atUs }) => atUs }),
    summary: t.field({ type: PortfolioSummary, description: 'It in numbers.', resolve: ({ summary }) => summary }),
    cashAvailable: t.field({
      type: 'Decimal',
      description: 'Money that nothing holds.',
      resolve: ({ cashAvailable }) => cashAvailable,
    }),
    buyingPower: t.field({
      type: 'Decimal',
      description: 'What may be spent now.',
      resolve: ({ buyingPower }) => buyingPower,
    }),
    holdings: t.field({
      type: [Holding],
      description: `Shares in it by symbol, ${MAX_SHOWN} at the most.`,
      resolve: ({ holdings }) => holdings.slice(0, MAX_SHOWN),
    }),
  }),
});

builder.subscriptionField('portfolio', (t) =>
  t.field({
    type: PortfolioMoved,
    description: 'How an account stands, at most four times a second.',
    authScopes: { may: 'portfolio:read' },
    args: { accountId: t.arg.id({ required: true, description: 'Which.' }) },
    subscribe: async (_, { accountId: given }, context) => {
      const accountId = accountIdFrom('accountId', given);
      await requireAccount(context, accountId);
      return portfolioOf(context, accountId);
    },
    resolve: (snapshot) => snapshot,
  }),
);

/** The service knows whose it is; what is another's is as if it were not there. */
export async function requireAccount({ clients }: GatewayContext, accountId: string): Promise<void> {
  await clients.portfolio.getAccount({ accountId });
}

export function portfolioOf(context: GatewayContext, accountId: string): AsyncIterable<PortfolioSnapshot> {
  const { accounts, quotes } = context.feeds;
  const call = currentContext();
  return endable(context.signal(), (signal) =>
    readPortfolio(
      {
        accountId,
        load: () => inTimeOfItsOwn(call, () => ledgerStateOf(context, accountId)),
        watchLedger: (onChange) => accounts.watch(accountId, onChange),
        watchQuotes: (symbols, onChange) => quotes.watch(symbols, onChange),
        latestQuote: (symbol) => quotes.latest(symbol),
        nowUs,
      },
      signal,
    ),
  );
}

const LOAD_MS = 5000;

/** The stream may have waited for long: what was allowed to take time then is over now. */
function inTimeOfItsOwn<T>(call: CallContext | undefined, work: () => T): T {
  if (call === undefined) return work();
  const { requestId, caller, traceparent } = call;
  const deadline = Date.now() + LOAD_MS;
  return withContext({ requestId, caller, traceparent, deadline, signal: AbortSignal.timeout(LOAD_MS) }, work);
}

async function ledgerStateOf(context: GatewayContext, accountId: string): Promise<LedgerState> {
  const { portfolio } = context.clients;
  const page = { first: MAX_HELD, after: '' };
  const [summary, { holdings }, { buyingPower, cashPosted, cashReserved }] = await Promise.all([
    summaryOf(context, accountId),
    portfolio.listHoldings({ accountId, page }),
    portfolio.getBuyingPower({ accountId, currency: '' }),
  ]);
  return { summary, holdings, buyingPower, cashAvailable: cashPosted - cashReserved };
}
