import { Secret } from '@andvari/kit/base/config';
import { connectDb } from '@andvari/kit/db/db';
import { openNats } from '@andvari/kit/nats/nats';
import type { RpcClient } from '@andvari/kit/rpc/client';
import type { Definition } from '@andvari/kit/rpc/types';
import { testScope } from '@andvari/kit/testing/test-scope';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { type Verified, verifySystem } from '@andvari/seedctl/verify/verify-system';

/** What `seedctl verify` does, with connections of its own. */
export async function verify(places: {
  ordersUrl: string;
  ledgerUrl: string;
  natsUrl: string;
  client: <D extends Definition>(name: string, definition: D) => RpcClient<D>;
  lookAgainMs?: readonly number[] | undefined;
}): Promise<Verified> {
  const { ordersUrl, ledgerUrl, natsUrl, client, lookAgainMs } = places;
  const scope = testScope();
  const open = (url: string) => {
    const db = connectDb(url, { maxConnections: 2, statementTimeoutMs: 60_000 });
    scope.defer('database', () => db.end({ timeout: 1 }));
    return db;
  };
  try {
    const parties = {
      orders: open(ordersUrl),
      ledger: open(ledgerUrl),
      nats: await openNats(scope, { url: new Secret(natsUrl), service: 'e2e' }),
      engine: client('engine', EngineServiceService),
      portfolio: client('portfolio', PortfolioServiceService),
      security: client('security', SecurityServiceService),
    };
    return await verifySystem(parties, lookAgainMs);
  } finally {
    await scope.close();
  }
}
