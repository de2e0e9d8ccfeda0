import { toMicros } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import { type Market, touch } from './market.ts';
import { hasEnded, type Order, statusOf } from './order.ts';

export interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, bigint>>;
}

/** What the engine has to say of the order now: `unavailable` where it could not be asked, nothing where it has no such order. */
export type AtEngine = { readonly aheadQty: bigint; readonly stopPx: bigint } | 'unavailable' | undefined;

/** What an auction would do now. */
export interface Indication {
  readonly px: bigint;
  readonly pairedQty: bigint;
  /** Bought minus sold at that price. */
  readonly imbalanceQty: bigint;
}

/** Why an order is not filled, from facts of this moment, the most important first. */
export function explain(
  order: Order,
  market: Market,
  atEngine: AtEngine,
  indication: Indication | undefined,
): Explanation[] {
  const { life, spec, placedAtUs } = order;
  const status = statusOf(life);
  if (hasEnded(life.status)) {
    return [
      say('ended', `The order is ${readable(status)}${life.reason === '' ? '' : ` (${readable(life.reason)})`}.`),
    ];
  }
  const found: Explanation[] = [];
  if (life.status === 'pending_new') {
    found.push(
      say('not_at_engine', 'The order is on its way; the engine has not confirmed it yet.', { since_us: placedAtUs }),
    );
  }
  if (status === 'pending_cancel') {
    found.push(say('cancel_pending', 'A cancel is under way.', { since_us: life.awaitingSinceUs }));
  }
  if (status === 'pending_replace') {
    found.push(say('replace_pending', 'A replacement is under way.', { since_us: life.awaitingSinceUs }));
  }
  if (market.instrument?.halted === true) {
    const numbers = { since_us: market.instrument.haltedAtUs };
    found.push(say('symbol_halted', `Trading in ${spec.symbol} is halted; orders wait until it resumes.`, numbers));
  }
  if (market.clock !== undefined && market.clock.session !== 'regular') {
    found.push(
      say('session_closed', 'The market is closed; orders match when it opens.', {
        opens_at_us: market.clock.nextOpenUs,
      }),
    );
  }
  if (life.status === 'held')
    found.push(say('waiting_for_entry', 'It waits for the order that opens the position to end.'));
  else if (spec.timeInForce === 'opg' || spec.timeInForce === 'cls') found.push(inAuction(order, indication));
  else if (life.status === 'accepted' && isStop(order)) found.push(waitingForTrigger(order, market, atEngine));
  else if (life.status !== 'pending_new') found.push(...resting(order, market, atEngine));
  if (atEngine === 'unavailable') found.push(say('engine_unavailable', 'The engine does not answer at the moment.'));
  if (life.cumQty > 0n) {
    const numbers = { filled: life.cumQty, quantity: life.qty };
    found.push(say('partly_filled', `${shown(life.cumQty)} of ${shown(life.qty)} is filled.`, numbers));
  }
  return found;
}

function isStop({ spec }: Order): boolean {
  return spec.type === 'stop' || spec.type === 'stop_limit' || spec.type === 'trailing_stop';
}

/** A stop is triggered by a trade here, or by the reference price of the house's quotes. */
function waitingForTrigger({ spec, life }: Order, { quote }: Market, atEngine: AtEngine): Explanation {
  const stop = typeof atEngine === 'object' && atEngine.stopPx > 0n ? atEngine.stopPx : life.stopPx;
  const last = quote?.last ?? 0n;
  if (stop === 0n || last === 0n)
    return say('waiting_for_trigger', 'It waits for its trigger.', { stop, last, distance: 0n });
  const distance = spec.side === 'buy' ? stop - last : last - stop;
  const where = spec.side === 'buy' ? 'at or above' : 'at or below';
  const message = `It is triggered by a trade ${where} ${shown(stop)}; the last price is ${shown(last)}, ${shown(distance)} away.`;
  return say('waiting_for_trigger', message, { stop, last, distance });
}

function resting({ spec, life }: Order, { quote }: Market, atEngine: AtEngine): Explanation[] {
  const best = touch(quote, spec.side);
  const found: Explanation[] = [];
  const limit = spec.limitPx;
  if (limit > 0n && best > 0n) {
    const distance = spec.side === 'buy' ? best - limit : limit - best;
    const asks = spec.side === 'buy' ? 'is asked' : 'is bid';
    if (distance > 0n) {
      const message = `Its limit is ${shown(limit)}; ${shown(best)} ${asks}, ${shown(distance)} away.`;
      found.push(say('away_from_touch', message, { limit, touch: best, distance }));
    }
  }
  if (typeof atEngine === 'object') {
    const message =
      atEngine.aheadQty === 0n
        ? 'It is the next at its price.'
        : `${shown(atEngine.aheadQty)} shares are before it at its price.`;
    found.push(say('in_queue', message, { ahead: atEngine.aheadQty, price: limit }));
  }
  if (spec.postOnly) found.push(say('post_only', 'It only ever waits for others to trade with it.'));
  if (found.length === 0)
    found.push(say('in_queue', 'It waits for somebody to trade with.', { ahead: 0n, price: life.avgPx }));
  return found;
}

function inAuction({ spec }: Order, indication: Indication | undefined): Explanation {
  const which = spec.timeInForce === 'opg' ? 'opening' : 'closing';
  if (indication === undefined) {
    return say('waiting_for_auction', `It waits for the ${which} auction; nothing crosses yet.`, {
      indicative_px: 0n,
      paired_qty: 0n,
      imbalance_qty: 0n,
    });
  }
  const { px, pairedQty, imbalanceQty } = indication;
  const side = imbalanceQty === 0n ? 'balanced' : imbalanceQty > 0n ? 'more bought than sold' : 'more sold than bought';
  const message = `It waits for the ${which} auction: at ${shown(px)}, ${shown(pairedQty)} shares would trade (${side}).`;
  return say('waiting_for_auction', message, { indicative_px: px, paired_qty: pairedQty, imbalance_qty: imbalanceQty });
}

/** The price at which most would trade if the book were crossed now, and what would be left over. */
export function indicate(
  bids: readonly { px: bigint; qty: bigint }[],
  asks: readonly { px: bigint; qty: bigint }[],
): Indication | undefined {
  let best: Indication | undefined;
  for (const { px } of [...bids, ...asks]) {
    const bought = bids.reduce((all, level) => (level.px >= px ? all + level.qty : all), 0n);
    const sold = asks.reduce((all, level) => (level.px <= px ? all + level.qty : all), 0n);
    const pairedQty = bought < sold ? bought : sold;
    if (pairedQty > 0n && pairedQty > (best?.pairedQty ?? 0n)) best = { px, pairedQty, imbalanceQty: bought - sold };
  }
  return best;
}

function say(code: string, message: string, numbers: Readonly<Record<string, bigint>> = {}): Explanation {
  return { code, message, numbers };
}

function shown(value: bigint): string {
  return format(toMicros(value));
}

function readable(name: string): string {
  return name.replaceAll('_', ' ');
}
