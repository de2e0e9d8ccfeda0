import type { RpcClient } from '@andvari/kit/rpc/client';
import type { Instrument, Quote, StockServiceService } from '@andvari/proto/stock/v1/stock';
import { InstrumentType } from '@andvari/proto/stock/v1/stock';

/** What the stock service knows, for the start and for whatever a stream no longer has. */
export interface Stock {
  /** Every instrument there is, a page at a time. */
  instruments(): AsyncIterable<readonly Instrument[]>;
  quotes(symbols: readonly string[]): Promise<readonly Quote[]>;
  clock(): Promise<{ state: number; nextOpenUs: bigint }>;
}

type Client = Pick<RpcClient<typeof StockServiceService>, 'listInstruments' | 'getQuotes' | 'getClock'>;

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
  };
}

const PAGE = 200;
