import type { Metrics } from '@andvari/kit/observe/metrics';
import type { Scope } from '@andvari/kit/process/scope';
import { callerKeysFrom } from '@andvari/kit/rpc/caller-keys';
import { connectRpc, type RpcClient } from '@andvari/kit/rpc/client';
import type { Definition } from '@andvari/kit/rpc/types';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { EngineServiceService } from '@andvari/proto/engine/v1/engine';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import type { Config } from './config.ts';

/** The services behind the gateway, one client each. Methods that only read may be sent again. */
export type Clients = ReturnType<typeof connectClients>;

/** Whatever is asked of orders ends in a transaction that many share: more of them together cost less, and a person does not notice. */
const GATHER_ORDERS_MS = 20;

export function connectClients(scope: Scope, config: Config, metrics: Metrics) {
  const connect = <D extends Definition>(
    definition: D,
    address: string,
    idempotent: readonly (keyof D)[],
    waits: { timeoutMs?: number; gatherMs?: number } = {},
  ): RpcClient<D> =>
    connectRpc(scope, definition, {
      address,
      service: 'gateway',
      ...callerKeysFrom(config),
      tlsDir: config.TLS_DIR,
      metrics,
      idempotent,
      ...waits,
    });

  return {
    // Signing in may have to wait its turn for a hash.
    auth: connect(
      AuthServiceService,
      config.AUTH_ADDR,
      ['listSessions', 'listApiKeys', 'authenticateApiKey', 'getFactor', 'getJwks', 'listDevelopmentMail'],
      { timeoutMs: 5000 },
    ),
    security: connect(SecurityServiceService, config.SECURITY_ADDR, [
      'checkPermission',
      'listPermissions',
      'listRoles',
      'listGrants',
      'queryAudit',
    ]),
    user: connect(UserServiceService, config.USER_ADDR, [
      'getProfile',
      'batchGetProfiles',
      'searchProfiles',
      'getPreferences',
      'listWatchlists',
      'listNotifications',
      'countUnreadNotifications',
      'getDeletion',
    ]),
    stock: connect(StockServiceService, config.STOCK_ADDR, [
      'searchInstruments',
      'getInstruments',
      'listInstruments',
      'getQuotes',
      'getBars',
      'getCalendar',
      'getClock',
      'getFxRates',
      'getMovers',
      'listCorporateActions',
    ]),
    // Placing, replacing and cancelling are idempotent by their client order id, yet it is the client who decides to send again.
    order: connect(
      OrderServiceService,
      config.ORDER_ADDR,
      [
        'getOrder',
        'batchGetOrders',
        'listOrders',
        'listOrderEvents',
        'batchListOrderEvents',
        'listExecutions',
        'batchListExecutions',
        'getBlotterSummary',
        'previewOrder',
        'previewReplacement',
        'explainOrder',
        'getOrderStory',
      ],
      { gatherMs: GATHER_ORDERS_MS },
    ),
    portfolio: connect(PortfolioServiceService, config.PORTFOLIO_ADDR, [
      'getAccount',
      'listAccounts',
      'getBuyingPower',
      'listHoldings',
      'listLots',
      'listActivities',
      'getSummary',
      'getHistory',
      'getFunding',
      'listFundings',
      'listFeeSchedules',
      'listDeadLetters',
    ]),
    engine: connect(EngineServiceService, config.ENGINE_ADDR, ['getBook', 'getStats']),
  };
}
