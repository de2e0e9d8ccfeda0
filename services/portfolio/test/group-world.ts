import { amount, MICRO, toMicros, toPrice, toQuantity, toSafeInteger } from '@andvari/money';
import { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { Side as EngineSide, GroupKind, OrderType, Phase, TimeInForce } from '../../engine/src/domain/codes.ts';
import type { Command, OrderTerms } from '../../engine/src/domain/command.ts';
import { apply } from '../../engine/src/domain/engine.ts';
import { findOrder } from '../../engine/src/domain/queries.ts';
import { readReport } from '../../engine/src/domain/reports.ts';
import { createState } from '../../engine/src/domain/state.ts';
import { parseUuid, type Uuid } from '../../engine/src/domain/uuid.ts';
import { encodeReport } from '../../engine/src/messages/encode-report.ts';
import { reportsOf } from '../src/consumers/read-report.ts';
import { type GroupType, groupTypes, isExit } from '../src/domain/group.ts';
import type { Side } from '../src/domain/reservation.ts';
import type { GroupLeg, GroupRequest } from '../src/domain/reserve-group.ts';
import type { Report } from '../src/domain/settlement.ts';

export const SYMBOL = 'AAPL';
export const SHARES = 10n;
/** One, as the engine counts: in integers that a float64 holds exactly. */
const WHOLE = toSafeInteger(MICRO);

/** One that is to take a leg's place, as the order service would ask the ledger for it. */
export type LegReplacement = GroupLeg & { readonly replaces: string; readonly leg: number };

type Reserve = (asked: LegReplacement) => boolean | Promise<boolean>;

type Terms = { type: OrderType; limitPrice: bigint; stopPrice: bigint; offset: bigint };

/**
 * The engine itself with one group in it, and others who trade with it at random. What a replacement needs is asked for with `reserve`
 * before the engine hears of it, and what that refuses it never hears of.
 */
export class GroupWorld {
  readonly request: GroupRequest;
  readonly accountId: string;
  /** Every order that the ledger was asked for: legs first. */
  readonly known = new Map<string, LegReplacement | (GroupLeg & { readonly leg: number })>();
  readonly #random: () => number;
  readonly #state = createState({ partition: 0, orders: 64, rememberedIds: 256 });
  readonly #terms = new Map<string, Terms>();
  readonly #newId: () => string;
  #sequence = 0;

  constructor(random: () => number, newId: () => string, accountId = newId()) {
    this.#random = random;
    this.#newId = newId;
    this.accountId = accountId;
    const type = this.#pick(groupTypes);
    const first: Side = this.#random() < 0.7 ? (type === 'oco' ? 'sell' : 'buy') : type === 'oco' ? 'buy' : 'sell';
    const exit: Side = type === 'oco' ? first : first === 'buy' ? 'sell' : 'buy';
    const legs = this.#legs(type, first, exit);
    this.request = { groupId: newId(), type, accountId: this.accountId, symbol: SYMBOL, currency: 'USD', legs };
    for (const [leg, each] of legs.entries()) this.known.set(each.orderId, { ...each, leg });
  }

  /** The group arrives; with a price off the tick now and then, which ends all of it at once. */
  place(): Report[] {
    this.#run({ kind: 'define_instrument', tick: 10_000, tickBelowOne: 100, lot: 1 });
    this.#run({ kind: 'set_phase', phase: Phase.open });
    for (const side of ['buy', 'sell'] as const) if (this.#random() < 0.5) this.#stranger(side);
    const off = this.#random() < 0.03 ? 1 : 0;
    const orders = this.request.legs.map(({ orderId, side, qty }): OrderTerms => {
      const { type, limitPrice, stopPrice, offset } = this.#termsOf(orderId);
      return {
        orderId: uuid(orderId),
        side: side === 'buy' ? EngineSide.buy : EngineSide.sell,
        type,
        timeInForce: this.#random() < 0.8 ? TimeInForce.day : TimeInForce.gtc,
        postOnly: false,
        qty: toSafeInteger(qty),
        limitPrice: toSafeInteger(limitPrice) + (limitPrice > 0n ? off : 0),
        stopPrice: toSafeInteger(stopPrice),
        trailAmount: type === OrderType.trailing_stop ? WHOLE : 0,
        trailPpm: 0,
        collarOffset: toSafeInteger(offset),
      };
    });
    return this.#run({ ...this.#owner(), kind: 'place_group', group: GroupKind[this.request.type], orders });
  }

  async step(reserve: Reserve): Promise<Report[]> {
    const dice = this.#random();
    if (dice < 0.76) return this.#stranger(this.#random() < 0.5 ? 'buy' : 'sell');
    const orderId = this.#pick([...this.known.keys()]);
    if (dice < 0.79) return this.#cancel(orderId);
    if (dice < 0.95) return this.#replace(orderId, reserve);
    if (dice < 0.96) return this.#run({ kind: 'expire_day' });
    if (dice < 0.98) return this.#run({ kind: 'set_halt', halted: this.#random() < 0.3 });
    return this.#run({ kind: 'set_phase', phase: this.#random() < 0.3 ? Phase.closing : Phase.open });
  }

  /** Whatever lives is cancelled. */
  end(): Report[] {
    return [...this.known.keys()].flatMap((orderId) => this.#cancel(orderId));
  }

  #legs(type: GroupType, first: Side, exit: Side): GroupLeg[] {
    const [low, high] = [BigInt(95 + this.#below(4)) * MICRO, BigInt(101 + this.#below(4)) * MICRO];
    const [profit, stop] = exit === 'sell' ? [high, low] : [low, high];
    const exits = [
      this.#leg(exit, { type: OrderType.limit, limitPrice: profit, stopPrice: 0n, offset: 0n }),
      this.#leg(exit, this.#stop(stop, exit)),
    ];
    if (type === 'oco') return exits;
    const at = 98n * MICRO + BigInt(this.#below(5)) * MICRO;
    const kind = this.#random() < 0.3 ? OrderType.market : OrderType.limit;
    const entry = this.#leg(first, { type: kind, limitPrice: at, stopPrice: 0n, offset: 0n });
    return type === 'bracket' ? [entry, ...exits] : [entry, this.#pick(exits)];
  }

  #stop(stopPrice: bigint, side: Side): Terms {
    const dice = this.#random();
    // What a buy that is triggered across a gap may cost nobody knows beforehand: its account vouches for it, not what is reserved.
    const room = BigInt(this.#below(4)) * MICRO;
    if (side === 'buy') return { type: OrderType.stop_limit, limitPrice: stopPrice + room, stopPrice, offset: 0n };
    if (dice < 0.3) return { type: OrderType.trailing_stop, limitPrice: 0n, stopPrice: 0n, offset: MICRO };
    if (dice < 0.6) return { type: OrderType.stop_limit, limitPrice: stopPrice - room, stopPrice, offset: 0n };
    return { type: OrderType.stop, limitPrice: 0n, stopPrice, offset: 10n * MICRO };
  }

  #leg(side: Side, terms: Terms): GroupLeg {
    const orderId = this.#newId();
    this.#terms.set(orderId, terms);
    return { orderId, side, ...this.#holding(side, terms, SHARES * MICRO) };
  }

  #holding(side: Side, { limitPrice }: Terms, shares: bigint): Omit<GroupLeg, 'orderId' | 'side'> {
    const qty = toQuantity(shares);
    if (side === 'sell') return { asset: SYMBOL, qty, principal: toMicros(shares) };
    return { asset: 'USD', qty, principal: amount(toPrice(limitPrice), qty) };
  }

  #stranger(side: Side): Report[] {
    const id = uuid(this.#newId());
    return this.#run({
      kind: 'place',
      orderId: id,
      accountId: id,
      userId: id,
      side: side === 'buy' ? EngineSide.buy : EngineSide.sell,
      type: OrderType.limit,
      timeInForce: this.#random() < 0.5 ? TimeInForce.ioc : TimeInForce.day,
      postOnly: false,
      qty: (1 + this.#below(5)) * WHOLE,
      // Half of them take whatever stands there, and trigger what waits for it.
      limitPrice: (this.#random() < 0.5 ? 94 + this.#below(13) : side === 'buy' ? 107 : 93) * WHOLE,
      stopPrice: 0,
      trailAmount: 0,
      trailPpm: 0,
      collarOffset: 0,
    });
  }

  #cancel(orderId: string): Report[] {
    return this.#run({ ...this.#owner(), kind: 'cancel', orderId: uuid(orderId) });
  }

  async #replace(orderId: string, reserve: Reserve): Promise<Report[]> {
    const old = this.known.get(orderId);
    const live = findOrder(this.#state, uuid(orderId));
    if (old === undefined || live === undefined) return [];
    const terms = this.#moved(this.#termsOf(orderId), isExit({ type: this.request.type, leg: old.leg }) ? 2 : 3);
    const next = this.#newId();
    const asked: LegReplacement = {
      orderId: next,
      side: old.side,
      replaces: orderId,
      leg: old.leg,
      ...this.#holding(old.side, terms, BigInt(live.qty)),
    };
    if (!(await reserve(asked))) return [];
    this.#terms.set(next, terms);
    this.known.set(next, asked);
    return this.#run({
      ...this.#owner(),
      kind: 'replace',
      orderId: uuid(orderId),
      newOrderId: uuid(next),
      qty: live.qty,
      limitPrice: toSafeInteger(terms.limitPrice),
      stopPrice: toSafeInteger(terms.stopPrice),
      trailAmount: terms.type === OrderType.trailing_stop ? 2 * WHOLE : 0,
      trailPpm: 0,
    });
  }

  #moved({ limitPrice, stopPrice, ...terms }: Terms, by: number): Terms {
    const move = BigInt(this.#below(2 * by + 1) - by) * MICRO;
    const moved = (price: bigint) => (price === 0n ? 0n : price + move);
    return { ...terms, limitPrice: moved(limitPrice), stopPrice: moved(stopPrice) };
  }

  #run(command: Partial<Command>): Report[] {
    this.#sequence += 1;
    const logged = { symbol: SYMBOL, sequence: this.#sequence, at: 1_800_000_000_000_000 + this.#sequence, ...command };
    const reports = apply(this.#state, logged as Command);
    return Array.from({ length: reports.count }, (_, row) =>
      readReport(reports, this.#state.orders, this.accountId, row),
    )
      .map((report) => ExecutionReport.decode(encodeReport(report, SYMBOL).payload))
      .filter(({ accountId }) => accountId === this.accountId)
      .flatMap((report) => reportsOf(report))
      .flatMap((report): Report[] => {
        if (report.type !== 'refused') return [report];
        const { orderId, accountId, symbol } = report;
        const side = this.known.get(orderId)?.side;
        const nothing = toQuantity(0n);
        const ended = { type: 'ended', orderId, accountId, symbol, cumQty: nothing, leavesQty: nothing } as const;
        return side === undefined ? [] : [{ ...ended, side }];
      });
  }

  #owner() {
    return { accountId: uuid(this.accountId), userId: uuid(this.accountId) };
  }

  #termsOf(orderId: string): Terms {
    const terms = this.#terms.get(orderId);
    if (terms === undefined) throw new Error(`nobody asked for ${orderId}`);
    return terms;
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.#below(of.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function uuid(text: string): Uuid {
  const parsed = parseUuid(text);
  if (parsed === undefined) throw new Error(`${text} is no UUID`);
  return parsed;
}
