import { AppError, isAppError } from '@andvari/kit/base/errors';
import type { RpcClient } from '@andvari/kit/rpc/client';
import { GroupType as GroupTypeMessage, Side as SideMessage } from '@andvari/proto/engine/v1/commands';
import { AccountKind, AccountStatus, type PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import type { GroupType, Side } from '../domain/order.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';

export interface ReserveRequest {
  readonly orderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: bigint;
  readonly asset: string;
  readonly amount: bigint;
  readonly limitPx: bigint | undefined;
  readonly replaces?: string | undefined;
}

export interface ReserveGroupRequest {
  readonly groupId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly type: GroupType;
  readonly legs: readonly Pick<ReserveRequest, 'orderId' | 'side' | 'qty' | 'asset' | 'amount' | 'limitPx'>[];
}

export type Reserved =
  | { readonly outcome: 'reserved' }
  /** The id has been used: the order of that id is there, or was being placed with other numbers. */
  | { readonly outcome: 'used' }
  | { readonly outcome: 'refused'; readonly refusal: Refusal };

export interface WouldHold {
  readonly more: bigint;
  readonly availableAfter: bigint;
}

export interface AccountFacts {
  readonly userId: string;
  readonly currency: string;
  readonly canTrade: boolean;
}

export interface HeldForOrder {
  readonly asset: string;
  readonly amount: bigint;
  readonly remaining: bigint;
  readonly state: string;
}

export interface Holding {
  readonly symbol: string;
  readonly available: bigint;
}

/** What an order needs of the ledger. The caller of the moment goes with every call: the ledger checks whose account it is. */
export interface Portfolio {
  reserve(request: ReserveRequest): Promise<Reserved>;
  /** What a replacement would hold besides what it replaces, and what would be left; nothing is kept. */
  wouldReserve(request: ReserveRequest & { replaces: string }): Promise<WouldHold | Refusal>;
  /** For all orders of a group or for none; their ids are what it is known by. */
  reserveGroup(request: ReserveGroupRequest): Promise<Reserved>;
  /** Nothing where there is nothing to release. Of a group that was not placed it releases all. */
  release(orderId: string, accountId: string, reason: string): Promise<void>;
  account(accountId: string): Promise<AccountFacts>;
  /** Cash for a currency, shares for a symbol. */
  available(accountId: string, asset: { currency: string } | { symbol: string }): Promise<bigint>;
  /** A page of what is held; `after` is empty for the first, and the answer's is for the last. */
  holdings(accountId: string, after: string): Promise<{ holdings: readonly Holding[]; after: string }>;
  /** What fees come to for shares that cost or bring so much. */
  fees(of: { side: Side; qty: bigint; amount: bigint }): Promise<bigint>;
  /** What it holds for an order; nothing where it never held anything. */
  reservation(orderId: string): Promise<HeldForOrder | undefined>;
}

type Client = Pick<
  RpcClient<typeof PortfolioServiceService>,
  | 'reserve'
  | 'reserveGroup'
  | 'release'
  | 'getAccount'
  | 'getBuyingPower'
  | 'getReservation'
  | 'estimateFees'
  | 'listHoldings'
>;

export function portfolioService(client: Client): Portfolio {
  return {
    async reserve({ replaces, side, ...request }) {
      try {
        await client.reserve({ ...request, side: sideTo[side], replaces, currency: undefined });
        return { outcome: 'reserved' };
      } catch (error) {
        return outcomeOf(error);
      }
    },

    async wouldReserve({ side, ...request }) {
      try {
        const asked = { ...request, side: sideTo[side], currency: undefined, dryRun: true };
        const { remaining: more, availableAfter } = await client.reserve(asked);
        return { more, availableAfter };
      } catch (error) {
        const said = outcomeOf(error);
        if (said.outcome === 'refused') return said.refusal;
        throw error;
      }
    },

    async reserveGroup({ type, legs, ...request }) {
      try {
        await client.reserveGroup({
          ...request,
          type: groupTypeTo[type],
          legs: legs.map((leg) => ({ ...leg, side: sideTo[leg.side] })),
          currency: undefined,
        });
        return { outcome: 'reserved' };
      } catch (error) {
        return outcomeOf(error);
      }
    },

    async release(orderId, accountId, reason) {
      try {
        await client.release({ orderId, accountId, reason });
      } catch (error) {
        if (!isAppError(error, 'not_found')) throw error;
      }
    },

    async account(accountId) {
      const { account } = await client.getAccount({ accountId });
      if (account === undefined) throw new Error('the portfolio service answered no account');
      const { userId, currency, status, kind } = account;
      const isActive = status === AccountStatus.ACCOUNT_STATUS_ACTIVE;
      return { userId, currency, canTrade: isActive && kind === AccountKind.ACCOUNT_KIND_INVESTMENT };
    },

    async available(accountId, asset) {
      if ('currency' in asset) {
        return (await client.getBuyingPower({ accountId, currency: asset.currency })).buyingPower;
      }
      for (let after = ''; ; ) {
        const { holdings, pageInfo } = await client.listHoldings({ accountId, page: { first: PAGE, after } });
        const found = holdings.find(({ symbol }) => symbol === asset.symbol);
        if (found !== undefined) return found.qty - found.qtyReserved;
        if (pageInfo?.hasNextPage !== true) return 0n;
        after = pageInfo.endCursor;
      }
    },

    async holdings(accountId, after) {
      const { holdings, pageInfo } = await client.listHoldings({ accountId, page: { first: PAGE, after } });
      return {
        holdings: holdings.map(({ symbol, qty, qtyReserved }) => ({ symbol, available: qty - qtyReserved })),
        after: pageInfo?.hasNextPage === true ? pageInfo.endCursor : '',
      };
    },

    async fees({ side, qty, amount }) {
      return (await client.estimateFees({ side: sideTo[side], qty, amount })).fees;
    },

    async reservation(orderId) {
      try {
        return await client.getReservation({ orderId });
      } catch (error) {
        if (isAppError(error, 'not_found')) return undefined;
        throw error;
      }
    },
  };
}

const sideTo: Record<Side, SideMessage> = { buy: SideMessage.SIDE_BUY, sell: SideMessage.SIDE_SELL };

const groupTypeTo: Record<GroupType, GroupTypeMessage> = {
  bracket: GroupTypeMessage.GROUP_TYPE_BRACKET,
  oco: GroupTypeMessage.GROUP_TYPE_OCO,
  oto: GroupTypeMessage.GROUP_TYPE_OTO,
};

const PAGE = 200;

const refused = (refusal: Refusal): Reserved => ({ outcome: 'refused', refusal });

/** What the ledger says no to is an answer; everything else is a neighbour in trouble. */
function outcomeOf(error: unknown): Reserved {
  if (!isAppError(error)) throw error;
  switch (error.reason) {
    case 'order_id_reused':
    case 'reservation_closed':
      return { outcome: 'used' };
    case 'insufficient_buying_power':
    case 'insufficient_shares': {
      const { needed: required = 0n, available = 0n } = error.numbers;
      return refused(refuse(error.reason, 'qty', { required, available, short_by: required - available }));
    }
    case 'account_not_found':
      return refused(refuse('account_not_found', 'account_id'));
    case 'wrong_currency':
      return refused(refuse('currency_mismatch', 'symbol'));
    case 'order_not_replaceable':
      return refused(refuse('not_replaceable', 'order_id'));
    case 'amount_out_of_range':
      return refused(refuse('notional_above_maximum', 'qty'));
    default:
      if (error.reason.startsWith('account_')) return refused(refuse('account_not_tradable', 'account_id'));
      if (error.code !== 'unavailable') throw error;
      throw new AppError('unavailable', 'the ledger does not answer; the same request may be sent again', {
        reason: 'portfolio_unavailable',
        cause: error,
      });
  }
}
