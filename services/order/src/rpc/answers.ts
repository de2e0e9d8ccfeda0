import { AppError } from '@andvari/kit/base/errors';
import { OrderStatus } from '@andvari/proto/engine/v1/reports';
import type {
  ExplainOrderResponse,
  GetOrderStoryResponse,
  ItemResult,
  PreviewOrderResponse,
  PreviewReplacementResponse,
  Refusal as RefusalMessage,
  Warning as WarningMessage,
} from '@andvari/proto/order/v1/order';
import type { App } from '../app/app.ts';
import type { ItemOutcome } from '../app/changing.ts';
import type { CloseOutcome } from '../app/positions.ts';
import type { Preview, ReplacementPreview } from '../app/previewing.ts';
import { refusalError } from '../app/refusals.ts';
import type { Warning } from '../domain/preview.ts';
import { isRefusal } from '../domain/refusal.ts';
import { eventTo, executionTo, orderTo } from '../messages/order.ts';

export function refusalTo({ code, reason, field, numbers, entity, message }: AppError): RefusalMessage {
  return { detail: { code, reason, field, numbers: { ...numbers }, entity }, message };
}

export function itemTo(item: ItemOutcome): ItemResult {
  const { order } = item;
  const { symbol } = order.spec;
  const outcome: ItemResult['outcome'] =
    'refusal' in item
      ? { $case: 'refusal', value: refusalTo(refusalError(item.refusal)) }
      : { $case: 'order', value: orderTo(order) };
  return { symbol, orderId: order.id, outcome };
}

export function closedTo(closed: CloseOutcome): ItemResult {
  if ('order' in closed) {
    const { symbol, order } = closed;
    return { symbol, orderId: order.id, outcome: { $case: 'order', value: orderTo(order) } };
  }
  const { symbol, error } = closed;
  if (!(error instanceof AppError)) throw error;
  return { symbol, orderId: '', outcome: { $case: 'refusal', value: refusalTo(error) } };
}

export function previewTo(preview: Preview): PreviewOrderResponse {
  const { market, placement, walk, maxFee, reserved, availableBefore, refusals, warnings, referencePx } = preview;
  const after = availableBefore - reserved;
  return {
    fillsQty: walk?.fillsQty ?? 0n,
    restsQty: walk?.restsQty ?? 0n,
    avgPx: walk?.avgPx ?? 0n,
    worstPx: walk?.worstPx ?? 0n,
    notional: walk?.notional ?? 0n,
    slippagePx: walk?.slippagePx ?? 0n,
    slippageRatio: walk?.slippagePpm ?? 0n,
    maxFee,
    reserved,
    reservedAsset: placement?.asset ?? '',
    availableBefore,
    availableAfter: after < 0n ? 0n : after,
    bidPx: market.quote?.bid ?? 0n,
    askPx: market.quote?.ask ?? 0n,
    referencePx,
    collarPx: placement?.collarPx ?? 0n,
    qty: placement?.qty ?? 0n,
    refusals: refusals.map((refusal) => refusalTo(refusalError(refusal, isRefusal(refusal) ? 'order' : ''))),
    warnings: warnings.map(warningTo),
    asOfUs: market.nowUs,
  };
}

export function replacementPreviewTo(preview: ReplacementPreview): PreviewReplacementResponse {
  const { accountId, walk, maxFee, held, reserved, asset, availableBefore, refusals, warnings, nowUs } = preview;
  const after = availableBefore - reserved;
  return {
    fillsQty: walk?.fillsQty ?? 0n,
    restsQty: walk?.restsQty ?? 0n,
    avgPx: walk?.avgPx ?? 0n,
    maxFee,
    held,
    reserved,
    reservedAsset: asset,
    availableBefore,
    availableAfter: after < 0n ? 0n : after,
    refusals: refusals.map((refusal) => refusalTo(refusalError(refusal))),
    warnings: warnings.map(warningTo),
    asOfUs: nowUs,
    accountId,
  };
}

function warningTo({ code, numbers }: Warning): WarningMessage {
  return { code, message: warningWords[code], numbers: { ...numbers } };
}

const warningWords: Record<Warning['code'], string> = {
  queued_until_open: 'The market is closed: the order waits until it opens.',
  price_stale: 'The price is old.',
  limit_outside_spread: 'The limit is far from the market.',
  would_not_trade_now: 'Nothing would trade at once: the order would rest.',
  waits_for_auction: 'It takes part in the next auction only, and waits for it.',
  waits_for_entry: 'It waits until all of its entry has traded.',
  would_be_canceled: 'Nothing, or not all of it, would trade at once: the order would be cancelled.',
  rest_would_be_canceled: 'A part would not trade at once, and would be cancelled.',
  would_meet_own_order: 'It would come to an order of your own, and what is left of it would be cancelled there.',
  partly_beyond_book: 'There is not so much on the other side now: a part would not trade.',
  above_notional: 'The shares are counted at the best price, and would come to more than the amount.',
  slippage_high: 'The order would move the price against itself.',
  large_against_volume: 'The order is large against what is traded in a day.',
};

export function explanationTo(
  order: Parameters<typeof orderTo>[0],
  { explanations, asOfUs }: Awaited<ReturnType<App['explaining']['explain']>>,
): ExplainOrderResponse {
  return {
    order: orderTo(order),
    explanations: explanations.map(({ code, message, numbers }) => ({ code, message, numbers: { ...numbers } })),
    asOfUs,
  };
}

export function storyTo(story: Awaited<ReturnType<App['operators']['story']>>): GetOrderStoryResponse {
  const { order, events, executions, atEngine, held, unexpected, commands } = story;
  return {
    order: orderTo(order),
    events: events.map(eventTo),
    executions: executions.map(executionTo),
    reservation: typeof held === 'object' ? held : undefined,
    engine:
      typeof atEngine === 'object'
        ? {
            status: (atEngine.status as OrderStatus) ?? OrderStatus.ORDER_STATUS_UNSPECIFIED,
            cumQty: atEngine.cumQty,
            leavesQty: atEngine.leavesQty,
            aheadQty: atEngine.aheadQty,
          }
        : undefined,
    commands: commands.map(({ id, kind, sentAtUs, published }) => ({ id, kind, sentAtUs, published })),
    unexpectedReports: unexpected,
    unavailable: [...(atEngine === 'unavailable' ? ['engine'] : []), ...(held === 'unavailable' ? ['portfolio'] : [])],
  };
}
