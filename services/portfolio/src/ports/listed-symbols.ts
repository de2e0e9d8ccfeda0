import { AppError, isAppError } from '@andvari/kit/base/errors';
import type { RpcClient } from '@andvari/kit/rpc/client';
import type { StockServiceService } from '@andvari/proto/stock/v1/stock';

/** Whether the market lists a symbol. Whoever cannot be asked has not said no. */
export type IsListed = (symbol: string) => Promise<boolean>;

/** For as long as nobody tells us what the market lists, anything may be. */
export const anySymbol: IsListed = async () => true;

export function stockSymbols(stock: Pick<RpcClient<typeof StockServiceService>, 'getInstruments'>): IsListed {
  return async (symbol) => {
    try {
      const { instruments } = await stock.getInstruments({ symbols: [symbol], allowUnknown: true });
      return instruments.length > 0;
    } catch (error) {
      // What the market would not even take for a symbol is none of its own.
      if (isAppError(error, 'invalid_argument')) return false;
      if (!isAppError(error, 'unavailable')) throw error;
      throw new AppError('unavailable', 'the market does not answer; the same request may be sent again', {
        reason: 'market_data_unavailable',
        cause: error,
      });
    }
  };
}
