import type { RpcClient } from '@andvari/kit/rpc/client';
import type { FxRate, Instrument, Quote, StockServiceService } from '@andvari/proto/stock/v1/stock';
import { InstrumentType } from '@andvari/proto/stock/v1/stock';

/** What the stock service knows, for the start and for whatever a stream no longer has. */
export interface Stock {
  /** Every instrument there is, a page at a time. */
  instruments(): AsyncIterable<readonly Instrument[]>;
  quotes(symbols: readonly string[]): Promise<readonly Quote[]>;
  clock(): Promise<{ state: number; nextOpenUs: bigint }>;
  /** What each of these is worth against the dollar. */
  dollarRates(currencies: readonly string[]): Promise<readonly FxRate[]>;
}

type Client = Pick<RpcClient<typeof StockServiceService>, 'listInstruments' | 'getQuotes' | 'getClock' | 'getFxRates'>;

export function stockService(client: Client): Stock {
  return {
    async *instruments() {
      for (let after = ''; ; ) {
        const page = { first: PAGE, after };
        const type = InstrumentType.INSTRUMENT_TYPE_UNSPECIFIED;
        const answer = await client.listInstruments({ sector: '', exchange: '', type, currency: '', page });
        yield answer.instruments;
        if (answer.pageInfo?.hasNextPage !== true) return;
        after = answer.pageInfo.endCursor;
      }
    },

    async quotes(symbols) {
      return (await client.getQuotes({ symbols: [...symbols], allowUnknown: true })).quotes;
    },

    clock: () => client.getClock({}),

    dollarRates: async (currencies) => (await client.getFxRates({ base: 'USD', quotes: [...currencies] })).rates,
  };
}

const PAGE = 200;
