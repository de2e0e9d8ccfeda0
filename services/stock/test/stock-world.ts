import { eventually } from '@andvari/kit/testing/eventually';
import { testScope } from '@andvari/kit/testing/test-scope';
import { testService } from '@andvari/kit/testing/test-service';
import { sessionChanged } from '@andvari/proto/events';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { expect } from 'vitest';
import { readConfig } from '../src/config.ts';
import { migrations, start } from '../src/main.ts';

export type World = Awaited<ReturnType<typeof stockWorld>>;

export interface StockWorldOptions {
  env?: Record<string, string>;
  /** Where its clock stands still; absent, it is everybody's. */
  nowMs?: number;
  /** Of the service itself, as it is configured. */
  ownClock?: boolean;
}

/** The whole service, with a clock that a test may move. */
export async function stockWorld(options: StockWorldOptions = {}) {
  let movedUs = options.nowMs === undefined ? undefined : BigInt(options.nowMs) * 1000n;
  let upAtUs: bigint | undefined;
  const now = (): bigint => movedUs ?? BigInt(Date.now()) * 1000n;
  const service = await testService({
    readConfig,
    start(scope, config) {
      movedUs = upAtUs ?? movedUs;
      upAtUs = undefined;
      return start(scope, config, options.ownClock === true ? {} : { now });
    },
    migrations,
    streams: ['MARKET', 'COMMANDS', 'EXECUTIONS', 'PORTFOLIO'],
    env: { SESSION_CHECK_MS: '20', LISTINGS_REFRESH_MS: '50', ...options.env },
  });
  // Only then has the engine been told where it stands.
  await eventually(async () => expect(await service.published(sessionChanged)).not.toEqual([]));
  return {
    service,
    stock: service.client(StockServiceService, {}),
    as: (scopes: string[]) => service.client(StockServiceService, { userId: USER, scopes }),
    now,
    moveTo(ms: number): void {
      movedUs = BigInt(ms) * 1000n;
    },
    /** Down before that time, and up again at it. */
    async restartAt(ms: number): Promise<void> {
      upAtUs = BigInt(ms) * 1000n;
      await service.restart();
    },
    /** A round of the session clock beside those of its job. */
    advance: () => service.started.app.sessionClock.advance(),
    /** A second replica on the same database and streams. */
    async startAnother() {
      const scope = testScope();
      await start(scope, readConfig(service.env), { now });
      return { close: () => scope.close() };
    },
    close: () => service.close(),
  };
}

export const USER = '0198a000-0000-7000-8000-000000000001';
