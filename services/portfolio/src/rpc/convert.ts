import { invalid } from '@andvari/kit/base/errors';
import { reasonFrom, requireUuid } from '@andvari/kit/handler/inputs';
import type { DeadLetter } from '@andvari/kit/inbox/dead-letters';
import { MICRO, type Price, toBasisPoints, toMicros, toPrice, toQuantity } from '@andvari/money';
import { Side as SideMessage } from '@andvari/proto/engine/v1/commands';
import type {
  Activity as ActivityMessage,
  AdjustRequest as AdjustRequestMessage,
  DeadLetter as DeadLetterMessage,
  EstimateFeesRequest,
  FeeSchedule as FeeScheduleMessage,
  Finding as FindingMessage,
  GetBuyingPowerResponse,
  GetHistoryResponse,
  GetSummaryResponse,
  GroupLeg as GroupLegMessage,
  Holding as HoldingMessage,
  Lot as LotMessage,
  QuotedPrice,
  ReserveGroupRequest,
  ReserveRequest,
} from '@andvari/proto/portfolio/v1/portfolio';
import type { AdjustRequest } from '../app/adjustments.ts';
import type { History, Quote, Summary } from '../app/reading.ts';
import type { ToReserve } from '../app/trading.ts';
import type { OpenedAccount } from '../domain/account.ts';
import type { Activity } from '../domain/activity.ts';
import { isCurrency } from '../domain/asset.ts';
import type { BuyingPower } from '../domain/buying-power.ts';
import type { FeeSchedule } from '../domain/fee-schedule.ts';
import type { HoldingDay } from '../domain/holding-day.ts';
import { type Lot, remainingCost } from '../domain/lots.ts';
import { averageEntry, type Position, realised } from '../domain/position.ts';
import type { Side } from '../domain/reservation.ts';
import type { GroupLeg, GroupRequest } from '../domain/reserve-group.ts';
import type { SplitUnderWay } from '../domain/split-under-way.ts';
import { accountStatusTo, activityTypeTo, groupTypeTo } from '../messages/codes.ts';
import {
  amountFrom,
  codeFrom,
  currencyFrom,
  keyFrom,
  nameFrom,
  notNegativeFrom,
  optionalTimeFrom,
  signedAmountFrom,
  symbolFrom,
} from './inputs.ts';

export function reservationFrom(request: ReserveRequest, userId: string): ToReserve {
  const symbol = symbolFrom('symbol', request.symbol);
  const currency = request.currency === undefined ? {} : { currency: currencyFrom('currency', request.currency) };
  const { accountId, replaces = '' } = request;
  return {
    ...legFrom('', symbol, request),
    accountId,
    symbol,
    ...currency,
    ...(userId === '' ? {} : { userId }),
    ...(replaces === '' ? {} : { replaces }),
  };
}

/** Only of a replacement is it told beforehand what it would hold. */
export function replacementIn({ replaces, ...asked }: ToReserve): ToReserve & { replaces: string } {
  if (replaces === undefined) throw invalid('dry_run', 'is for replacements');
  return { ...asked, replaces };
}

export function feesAskedFrom({ side, qty, amount }: EstimateFeesRequest) {
  return {
    side: sideFrom('side', side),
    qty: toQuantity(amountFrom('qty', qty)),
    amount: amountFrom('amount', amount),
  };
}

export function groupFrom(request: ReserveGroupRequest, userId: string): GroupRequest {
  const { groupId, accountId } = request;
  const symbol = symbolFrom('symbol', request.symbol);
  const currency = request.currency === undefined ? {} : { currency: currencyFrom('currency', request.currency) };
  return {
    groupId,
    accountId,
    type: codeFrom('type', groupTypeTo, request.type),
    symbol,
    legs: request.legs.map((leg, place) => legFrom(`legs[${place}].`, symbol, leg)),
    ...currency,
    ...(userId === '' ? {} : { userId }),
  };
}

function legFrom(at: string, symbol: string, leg: GroupLegMessage): Omit<GroupLeg, 'limit'> & { limit?: Price } {
  const side = sideFrom(`${at}side`, leg.side);
  const qty = toQuantity(amountFrom(`${at}qty`, leg.qty));
  const principal = amountFrom(`${at}amount`, leg.amount);
  const asset = side === 'buy' ? currencyFrom(`${at}asset`, leg.asset) : symbolFrom(`${at}asset`, leg.asset);
  if (side === 'sell' && asset !== symbol) throw invalid(`${at}asset`, 'a sale holds the shares it sells');
  if (side === 'sell' && leg.amount !== leg.qty)
    throw invalid(`${at}amount`, 'a sale holds as many shares as it sells');
  const limit = leg.limitPx === undefined ? {} : { limit: toPrice(amountFrom(`${at}limit_px`, leg.limitPx)) };
  return { orderId: leg.orderId, side, asset, qty, principal, ...limit };
}

function sideFrom(field: string, side: SideMessage): Side {
  if (side === SideMessage.SIDE_BUY) return 'buy';
  if (side === SideMessage.SIDE_SELL) return 'sell';
  throw invalid(field, 'should be buy or sell');
}

export function adjustmentFrom(request: AdjustRequestMessage): Omit<AdjustRequest, 'operatorId'> {
  const { accountId, costPx } = request;
  requireUuid('account_id', accountId);
  const reason = reasonFrom('reason', request.reason);
  const asset = isCurrency(request.asset) ? request.asset : symbolFrom('asset', request.asset);
  const amount = signedAmountFrom('amount', request.amount);
  const addsShares = !isCurrency(asset) && amount > 0n;
  if (addsShares && costPx === undefined) throw invalid('cost_px', 'say what a share cost, 0 for a gift');
  if (!addsShares && costPx !== undefined) throw invalid('cost_px', 'is for shares that are added');
  const key = keyFrom(request.idempotencyKey);
  const cost = costPx === undefined ? {} : { costPrice: notNegativeFrom('cost_px', costPx) };
  return { accountId, asset, amount, reason, key, ...cost };
}

export function buyingPowerTo(currency: string, power: BuyingPower): GetBuyingPowerResponse {
  return {
    currency,
    buyingPower: power.buyingPower,
    cashPosted: power.cashPosted,
    cashReserved: power.cashReserved,
    reservedForOrders: power.reservedForOrders,
    reservedForWithdrawals: power.reservedForWithdrawals,
    multiplier: power.multiplier,
    accountStatus: accountStatusTo[power.accountStatus],
  };
}

type Held = {
  readonly symbol: string;
  readonly position: Position;
  readonly reserved: bigint;
  readonly split: SplitUnderWay | undefined;
  readonly day: HoldingDay | undefined;
};

export function holdingTo(
  { symbol, position, reserved, split, day }: Held,
  { id, currency }: OpenedAccount,
): HoldingMessage {
  return {
    accountId: id,
    symbol,
    qty: position.qty,
    qtyReserved: reserved,
    avgCostPx: averageEntry(position) ?? 0n,
    costBasis: position.cost,
    realizedPnl: realised(position),
    currency,
    split: split && {
      ratioTo: split.to,
      ratioFrom: split.from,
      effectiveAtUs: split.effectiveAtUs,
      counted: split.counted,
    },
    day,
  };
}

type ListedLot = Lot & { readonly symbol: string; readonly proceeds: bigint; readonly closedAtUs: bigint | undefined };

export function lotTo(lot: ListedLot): LotMessage {
  const costRemaining = remainingCost(lot);
  return {
    id: lot.id,
    symbol: lot.symbol,
    qtyOpened: lot.qty,
    qtyRemaining: lot.remaining,
    costOpened: lot.cost,
    costRemaining,
    realizedPnl: lot.proceeds - (lot.cost - costRemaining),
    openedAtUs: lot.openedAt,
    closedAtUs: lot.closedAtUs ?? 0n,
  };
}

export function activityTo({ type, price, realised: realizedPnl, ...fields }: Activity): ActivityMessage {
  return { ...fields, type: activityTypeTo[type], px: price, realizedPnl };
}

export function quotesFrom(quotes: readonly QuotedPrice[]): Map<string, Quote> {
  return new Map(
    quotes.map(({ symbol, px, previousClose, previousCloseAtUs, asOfUs }, index): [string, Quote] => {
      const price = toPrice(amountFrom(`quotes[${index}].px`, px));
      const of = asOfUs === 0n ? { price } : { price, asOfUs };
      if (previousClose === 0n) return [symbol, { ...of, previousClose: undefined }];
      const before = toPrice(amountFrom(`quotes[${index}].previous_close`, previousClose));
      return [symbol, { ...of, previousClose: before, previousCloseAtUs }];
    }),
  );
}

export function summaryTo(currency: string, summary: Summary): GetSummaryResponse {
  return {
    currency,
    cash: summary.cash,
    marketValue: summary.marketValue,
    equity: summary.equity,
    costBasis: summary.costBasis,
    unrealizedPnl: summary.unrealised,
    realizedPnl: summary.realised,
    dayPnl: summary.dayChange,
    dayPnlOfGone: summary.dayChangeOfGone,
    netPaidIn: summary.netPaidIn,
    unquotedSymbols: [...summary.unquoted],
    staleSymbols: [...summary.stale],
  };
}

export function historyTo({ points, basePaidIn, stepUs }: History): GetHistoryResponse {
  const base = points[0]?.equity ?? 0n;
  return {
    points: points.map(({ at, equity, profitLoss, returnSoFar, cashFlow }) => ({
      atUs: at,
      equity,
      profitLoss,
      profitLossRatio: returnSoFar,
      cashFlow,
    })),
    baseValue: base,
    baseNetPaidIn: basePaidIn,
    timeWeightedReturn: points.at(-1)?.returnSoFar ?? 0n,
    stepUs,
  };
}

export function feeScheduleFrom(schedule: FeeScheduleMessage | undefined): Omit<FeeSchedule, 'id'> {
  if (schedule === undefined) throw invalid('schedule', 'is missing');
  const { perOrder, perShare, basisPoints, minimum, maximum } = schedule;
  for (const [field, fee] of Object.entries({
    per_order: perOrder,
    per_share: perShare,
    basis_points: basisPoints,
    minimum,
    maximum,
  })) {
    if (fee < 0n || fee > MAX_FEE)
      throw invalid(`schedule.${field}`, `should be from 0 to ${MAX_FEE}`, 'fee_out_of_range');
  }
  return {
    name: nameFrom('schedule.name', schedule.name),
    effectiveFrom: optionalTimeFrom('schedule.effective_from_us', schedule.effectiveFromUs),
    perOrder: toMicros(perOrder),
    perShare: toMicros(perShare),
    basisPoints: toBasisPoints(basisPoints),
    minimum: toMicros(minimum),
    maximum: maximum === 0n ? undefined : toMicros(maximum),
  };
}

export function feeScheduleTo({ effectiveFrom, maximum, ...fields }: FeeSchedule): FeeScheduleMessage {
  return { ...fields, maximum: maximum ?? 0n, effectiveFromUs: effectiveFrom };
}

export function deadLetterTo(letter: DeadLetter): DeadLetterMessage {
  const { id, consumer, eventId, subject, error, deliveries, failedAt, attempts, requeued } = letter;
  const failedAtUs = BigInt(failedAt.getTime()) * 1000n;
  const payload = Buffer.from(letter.payload);
  return { id, consumer, eventId, subject, error, deliveries, failedAtUs, payload, attempts, requeued };
}

export function findingTo({ check, entity, asset, expected, actual }: FindingMessage): FindingMessage {
  return { check, entity, asset, expected: clamped(expected), actual: clamped(actual) };
}

/** A million units, or all there is in basis points: a fee beyond it is a slip of the hand. */
const MAX_FEE = MICRO * MICRO;

/** A sum over everything may be more than the wire carries; that it is wrong is what matters. */
function clamped(value: bigint): bigint {
  const largest = 2n ** 63n - 1n;
  return value > largest ? largest : value < -largest ? -largest : value;
}
