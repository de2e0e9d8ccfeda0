import { AppError } from '@andvari/kit/base/errors';
import type { GetInstrumentsResponse } from '@andvari/proto/stock/v1/stock';
import { expect, test } from 'vitest';
import { stockSymbols } from '../../src/ports/listed-symbols.ts';

const answer = (...symbols: string[]): GetInstrumentsResponse =>
  ({ instruments: symbols.map((symbol) => ({ symbol })), unknownSymbols: [] }) as unknown as GetInstrumentsResponse;

test.each<[rule: string, said: () => Promise<GetInstrumentsResponse>, listed: boolean]>([
  ['a symbol that the market answers is listed', async () => answer('AAPL'), true],
  ['one that it leaves out is not', async () => answer(), false],
  [
    'one that it would not take for a symbol is not',
    () => Promise.reject(new AppError('invalid_argument', 'no')),
    false,
  ],
])('%s', async (_, said, listed) => {
  expect(await stockSymbols({ getInstruments: said })('AAPL')).toBe(listed);
});

test.each([
  ['unavailable', 'market_data_unavailable'],
  ['permission_denied', 'permission_denied'],
] as const)('an answer of %s is no answer', async (code, reason) => {
  const away = () => Promise.reject(new AppError(code, 'no'));
  await expect(stockSymbols({ getInstruments: away })('AAPL')).rejects.toMatchObject({ code, reason });
});
