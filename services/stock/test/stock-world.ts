import { Secret } from '@andvari/kit/base/config';
import { type TestService, testService } from '@andvari/kit/testing/test-service';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

export type World = Awaited<ReturnType<typeof stockWorld>>;

/** The whole service, with a clock that a test may move. */
export async function stockWorld(options: { env?: Record<string, string>; nowMs?: number } = {}) {
  let movedUs = options.nowMs === undefined ? undefined : BigInt(options.nowMs) * 1000n;
  const now = (): bigint => movedUs ?? BigInt(Date.now()) * 1000n;
  const service = await testService({
    readConfig,
    start: (scope, config) => start(scope, config, { now }),
    migrations,
    streams: ['MARKET', 'COMMANDS', 'EXECUTIONS', 'PORTFOLIO'],
    env: { SESSION_CHECK_MS: '20', LISTINGS_REFRESH_MS: '50', ...options.env },
  });
  return {
    service,
    stock: service.client(StockServiceService, {}),
    as: (scopes: string[]) => service.client(StockServiceService, { userId: USER, scopes }),
    now,
    moveTo(ms: number): void {
      movedUs = BigInt(ms) * 1000n;
    },
    close: () => service.close(),
  };
}

export const USER = '0198a000-0000-7000-8000-000000000001';
export type Service = TestService<{ port: number }>;
export const secret = (value: string): Secret => new Secret(value);
