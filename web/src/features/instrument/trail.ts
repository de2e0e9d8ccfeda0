import { divide, type Micros, max, min, toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { nearestTick, type TicketInstrument, tickOf } from './ticket-rules.ts';

/** A stop that follows the market: on which side, how far behind, and where that puts it now. */
export interface Trail {
  side: 'BUY' | 'SELL';
  unit: 'trailAmount' | 'trailPercent';
  value: string;
  stop: string;
}

const WHOLE = microsOf('100');
const LEAST = microsOf('0.01');
const MOST = microsOf('99.99');

/**
 * How far behind it has to follow to stand at `to` now: the best price that it has seen stays what it is, and only the distance to it
 * changes. In percent to the hundredth; never nothing.
 */
export function trailFor({ side, unit, value, stop }: Trail, to: string, instrument: TicketInstrument): string {
  const [trail, from, next] = [microsOf(value), microsOf(stop), microsOf(to)];
  if (unit === 'trailAmount') {
    const further = side === 'SELL' ? from - next : next - from;
    return format(max(toMicros(trail + further), tickOf(from, instrument)));
  }
  const kept = side === 'SELL' ? WHOLE - trail : WHOLE + trail;
  const moved = divide(next * kept, from);
  const exact = side === 'SELL' ? WHOLE - moved : moved - WHOLE;
  return format(inRange(toMicros(divide(exact, LEAST) * LEAST)));
}

/** Where it would stand now if it followed so far behind. */
export function stopFor({ side, unit, value, stop }: Trail, next: string, instrument: TicketInstrument): string {
  const [trail, from, wanted] = [microsOf(value), microsOf(stop), microsOf(next)];
  const behind = side === 'SELL' ? -1n : 1n;
  const exact =
    unit === 'trailAmount'
      ? from + behind * (wanted - trail)
      : divide(from * (WHOLE + behind * wanted), WHOLE + behind * trail);
  return exact <= 0n ? instrument.tickBelowOne : nearestTick(format(toMicros(exact)), instrument);
}

/** So many steps of the stop up, or down: of a tick, or of a hundredth of a percent. */
export function trailStepped(trail: Trail, from: string, steps: number, instrument: TicketInstrument): string {
  const step = trail.unit === 'trailAmount' ? tickOf(microsOf(trail.stop), instrument) : LEAST;
  const further = BigInt(trail.side === 'SELL' ? -steps : steps) * step;
  const next = toMicros(microsOf(from) + further);
  return format(trail.unit === 'trailAmount' ? max(next, step) : inRange(next));
}

const inRange = (percent: Micros): Micros => max(LEAST, min(MOST, percent));
