import { MICRO, type Micros, toMicros, toPrice, toQuantity, ZERO } from '@andvari/money';
import { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { describe, expect, test } from 'vitest';
import { Side as EngineSide, OrderType, Phase, TimeInForce } from '../../../engine/src/domain/codes.ts';
import type { Command } from '../../../engine/src/domain/command.ts';
import { apply } from '../../../engine/src/domain/engine.ts';
import { readReport } from '../../../engine/src/domain/reports.ts';
import { createState } from '../../../engine/src/domain/state.ts';
import { formatUuid, parseUuid, type Uuid } from '../../../engine/src/domain/uuid.ts';
import { encodeReport } from '../../../engine/src/messages/encode-report.ts';
import { reportsOf } from '../../src/consumers/read-report.ts';
import { type FeeSchedule, NO_FEES } from '../../src/domain/fee-schedule.ts';
import type { Lot } from '../../src/domain/lots.ts';
import { FLAT, type Position } from '../../src/domain/position.ts';
import { decideReplacement } from '../../src/domain/replacement.ts';
import { openReservation, principalOf, type Side } from '../../src/domain/reservation.ts';
import { change, type Report, settle } from '../../src/domain/settlement.ts';
import type { Held } from '../../src/domain/settlement-batch.ts';

/**
 * A replacement is reserved at one moment and takes place at another. Whatever the engine does in between, and however far the ledger is
 * behind it when it reserves: every report is settled, no balance falls below zero, and when all is over nothing is held.
 */
const ANN = '00000000-0000-4000-8000-00000000a001';
const ORDER = '00000000-0000-4000-8000-0000000000a1';
const NEXT = '00000000-0000-4000-8000-0000000000a2';
const OFF_TICK = '00000000-0000-4000-8000-0000000000a3';
const OTHER = '00000000-0000-4000-8000-0000000000a4';
const FEES: FeeSchedule = { ...NO_FEES, id: '00000000-0000-4000-8000-0000000000fe', perOrder: toMicros(MICRO) };

const STEPS = ['fill 20', 'fill 40', 'replace', 'replace again', 'cancel', 'expire', 'reject'] as const;
type Step = (typeof STEPS)[number];
type Case = { side: Side; filled: bigint; qty: bigint; price: bigint };

const cases: [string, Case][] = (['buy', 'sell'] as const).flatMap((side) =>
  [0n, 40n].flatMap((filled) =>
    [50n, 60n, 100n, 140n].flatMap((qty) =>
      [9n, 10n, 12n].map((price): [string, Case] => [
        `${side} 100 at 10, ${filled} filled, to ${qty} at ${price}, with a fee and without`,
        { side, filled, qty, price },
      ]),
    ),
  ),
);

describe('every order of fills, replacements, cancels, expiries and rejections between Reserve and the reports', () => {
  test.each(cases)('%s', (_, given) => {
    const wrong: string[] = [];
    for (const steps of orders(STEPS, 4)) {
      // The engine knows of no fees.
      const reports = reportsAfter(given, steps);
      for (const [name, fees] of [
        ['no fee', NO_FEES],
        ['a fee', FEES],
      ] as const) {
        for (const behind of [0, 1, 3]) {
          const fault = faultOf(given, fees, reports, behind);
          if (fault !== undefined) wrong.push(`${steps.join(', ')}; ${behind} behind, ${name}: ${fault}`);
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

/** All orders of `length` different steps. */
function* orders(from: readonly Step[], length: number): Generator<Step[]> {
  if (length === 0) yield [];
  else
    for (const step of from)
      for (const rest of orders(
        from.filter((other) => other !== step),
        length - 1,
      ))
        yield [step, ...rest];
}

/** What the engine says: before the replacement is reserved, and after. At the end whatever lives is canceled. */
function reportsAfter(
  { side, filled, qty, price }: Case,
  steps: readonly Step[],
): { before: Report[]; after: Report[] } {
  const state = createState({ partition: 0, orders: 64, rememberedIds: 256 });
  let sequence = 0;
  let stranger = 0;
  const run = (command: Partial<Command>): Report[] => {
    sequence += 1;
    const logged = { symbol: 'AAPL', sequence, at: 1_800_000_000_000_000 + sequence, ...command } as Command;
    const reports = apply(state, logged);
    return Array.from({ length: reports.count }, (_, row) => readReport(reports, state.orders, 0, row))
      .filter(({ accountId }) => formatUuid(accountId) === ANN)
      .map((report) => ExecutionReport.decode(encodeReport(report, 'AAPL').payload))
      .flatMap((report) => reportsOf(report))
      .flatMap((report): Report[] => (report.type === 'refused' ? [refusedAs(report.orderId, side)] : [report]));
  };
  const owner = { accountId: uuid(ANN), userId: uuid(ANN) };
  const terms = { stopPrice: 0, trailAmount: 0, trailPpm: 0 };
  const order = { ...terms, type: OrderType.limit, postOnly: false, collarOffset: 0 };
  const fill = (shares: bigint): Report[] => {
    stranger += 1;
    const id = uuid(`00000000-0000-4000-8000-${stranger.toString(16).padStart(12, 'b')}`);
    return run({
      ...order,
      kind: 'place',
      orderId: id,
      accountId: id,
      userId: id,
      side: side === 'buy' ? EngineSide.sell : EngineSide.buy,
      timeInForce: TimeInForce.ioc,
      qty: micros(shares),
      limitPrice: micros(side === 'buy' ? 1n : 1000n),
    });
  };
  const replace = (id: string, total: bigint, limitPrice: number) =>
    run({
      ...owner,
      ...terms,
      kind: 'replace',
      orderId: uuid(ORDER),
      newOrderId: uuid(id),
      qty: micros(total),
      limitPrice,
    });
  const cancel = (id: string) => run({ ...owner, kind: 'cancel', orderId: uuid(id) });

  run({ kind: 'define_instrument', tick: 10_000, tickBelowOne: 100, lot: 1 });
  run({ kind: 'set_phase', phase: Phase.open });
  const before = run({
    ...order,
    ...owner,
    kind: 'place',
    orderId: uuid(ORDER),
    side: side === 'buy' ? EngineSide.buy : EngineSide.sell,
    timeInForce: TimeInForce.day,
    qty: micros(100n),
    limitPrice: micros(10n),
  });
  if (filled > 0n) before.push(...fill(filled));
  const act: Record<Step, () => Report[]> = {
    'fill 20': () => fill(20n),
    'fill 40': () => fill(40n),
    replace: () => replace(NEXT, qty, micros(price)),
    'replace again': () => replace(OTHER, 130n, micros(11n)),
    cancel: () => cancel(ORDER),
    expire: () => run({ kind: 'expire_day' }),
    reject: () => replace(OFF_TICK, qty, micros(price) + 1),
  };
  const after = steps.flatMap((step) => act[step]());
  // What never reached the engine is refused there in the end, or ended.
  const end = [ORDER, NEXT, OTHER].flatMap((id) => cancel(id));
  const unsent: [Step, string][] = [
    ['replace', NEXT],
    ['replace again', OTHER],
    ['reject', OFF_TICK],
  ];
  const never = unsent.filter(([step]) => !steps.includes(step)).map(([, id]) => refusedAs(id, side));
  return { before, after: [...after, ...end, ...never] };
}

/** Settles all of it, reserving the replacements when all but `behind` of the first reports are in. */
function faultOf(
  { side, qty, price }: Case,
  schedule: FeeSchedule,
  reports: { before: Report[]; after: Report[] },
  behind: number,
): string | undefined {
  const held = new Map<string, Held>();
  const principal = (total: bigint, at: bigint): Micros =>
    side === 'buy' ? principalOf(toPrice(at * MICRO), toQuantity(total * MICRO)) : toMicros(total * MICRO);
  const termsOf = (total: bigint, at: bigint) => ({
    accountId: ANN,
    symbol: 'AAPL',
    qty: toQuantity(total * MICRO),
    principal: principal(total, at),
    limit: undefined,
  });
  const terms = termsOf(100n, 10n);
  const first = openReservation({ orderId: ORDER, side, qty: terms.qty, principal: terms.principal }, schedule);
  held.set(ORDER, { reservation: first, terms, schedule, replaces: undefined, group: undefined });
  // No more than the orders need: whatever a race takes beyond that shows.
  let posted: bigint = side === 'buy' ? first.remaining : 0n;
  let shares: bigint = side === 'sell' ? first.remaining : 0n;
  let position: Position = side === 'buy' ? FLAT : { ...FLAT, qty: toQuantity(1000n * MICRO) };
  const lots: Lot[] = [
    { id: 'l', openedAt: 0n, qty: toQuantity(1000n * MICRO), cost: ZERO, remaining: toQuantity(1000n * MICRO) },
  ];
  const reserved = (): bigint =>
    [...held.values()].reduce((total, { reservation }) => total + reservation.remaining, 0n);

  const take = (report: Report): string | undefined => {
    const mine = held.get(report.orderId);
    if (mine === undefined) return `order ${report.orderId} is not reserved`;
    const { reservation } = mine;
    if (report.type === 'fill') {
      const available = toMicros(side === 'buy' ? posted - reserved() : 0n);
      const availableShares = toMicros(side === 'sell' ? shares - reserved() : 0n);
      const books = { currency: 'USD', reservation, terms: mine.terms, schedule, available, availableShares } as const;
      const result = settle(report, { ...books, position, lots });
      if (!result.ok) return `a fill of ${report.qty} is refused: ${result.reason}`;
      mine.reservation = result.reservation;
      position = result.position;
      lots.splice(0, side === 'sell' ? 1 : 0, ...(side === 'sell' ? result.lots : []));
      posted += result.cash;
      shares += result.shares;
    } else {
      const replacement = report.replacedBy === undefined ? undefined : held.get(report.replacedBy);
      const result = change(report, reservation, mine.terms, replacement?.reservation);
      if (!result.ok) return `${report.type} is refused: ${result.reason}`;
      mine.reservation = result.reservation;
      if (replacement !== undefined && result.replacement !== undefined) replacement.reservation = result.replacement;
    }
    const free = side === 'buy' ? posted - reserved() : shares - reserved();
    return free < 0n ? `${-free} more is held than there is` : undefined;
  };
  const reserve = (orderId: string, total: bigint, at: bigint): void => {
    const asked = termsOf(total, at);
    const account = { userId: ANN, status: 'active', kind: 'investment', currency: 'USD' } as const;
    const facts = { account, before: undefined, old: held.get(ORDER), schedule, available: toMicros(10n ** 15n) };
    const decided = decideReplacement({ orderId, side, replaces: ORDER, ...asked }, facts);
    // Refused, it is never sent: the engine's reports of it concern nobody.
    if (typeof decided === 'string' || 'outcome' in decided) return;
    const { reservation } = decided;
    if (side === 'buy') posted += reservation.remaining;
    else shares += reservation.remaining;
    held.set(orderId, { reservation, terms: asked, schedule, replaces: ORDER, group: undefined });
  };

  const known = reports.before.slice(0, Math.max(0, reports.before.length - behind));
  const rest = [...reports.before.slice(known.length), ...reports.after];
  for (const report of known) {
    const fault = take(report);
    if (fault !== undefined) return fault;
  }
  reserve(NEXT, qty, price);
  reserve(OTHER, 130n, 11n);
  reserve(OFF_TICK, qty, price);
  for (const report of rest) {
    if (report.type !== 'fill' && !held.has(report.orderId)) continue;
    const fault = take(report);
    if (fault !== undefined) return fault;
  }
  const open = [...held.values()].filter(
    ({ reservation }) => reservation.state === 'open' || reservation.remaining !== 0n,
  );
  return open.length === 0
    ? undefined
    : `${open.map(({ reservation }) => reservation.orderId).join()} still hold something`;
}

function refusedAs(orderId: string, side: Side): Report {
  const nothing = toQuantity(0n);
  return { type: 'ended', orderId, accountId: ANN, symbol: 'AAPL', side, cumQty: nothing, leavesQty: nothing };
}

function uuid(text: string): Uuid {
  const parsed = parseUuid(text);
  if (parsed === undefined) throw new Error(`${text} is no UUID`);
  return parsed;
}

const micros = (units: bigint): number => Number(units * MICRO);
