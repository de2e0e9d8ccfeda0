import { exp, hash, hashText, normal } from './deterministic-math.ts';

/** What makes one symbol's prices its own. Prices are whole micro-units. */
export interface SimulatedSymbol {
  readonly symbol: string;
  /** What moves alike with it, beside the market. */
  readonly sector: string;
  readonly basePrice: number;
  /** Of a year, as a fraction: 0.3 for 30 %. */
  readonly volatility: number;
  /** How much of its movement is the market's and its sector's; the rest is its own. */
  readonly marketShare: number;
  readonly sectorShare: number;
  /** Whole shares. */
  readonly dailyVolume: number;
  readonly tick: number;
  readonly tickBelowOne: number;
}

/** A hash key of each thing that a price moves with. */
export interface Keys {
  readonly market: number;
  readonly sector: number;
  readonly own: number;
}

export interface DailyPath {
  /** Where the price is at the end of a slot, as the logarithm of what it is over the base price. */
  level(slot: number): number;
  /** The variance of a slot's return. */
  variance(slot: number): number;
  readonly meanVariance: number;
  readonly keys: Keys;
}

const DEPTH = 10;
const BLOCK = 1 << DEPTH;
/** How unevenly a stretch of time may share its variance between its halves: fat tails, and calm and wild times. */
const UNEVENNESS = 0.3;
const MAX_UNEVENNESS = 0.75;
const SHARED_UNEVENNESS = 0.6;
const ANNUAL_DRIFT = 0.07;
/** The base price is one of this slot, in both ways of counting about the beginning of 2026. */
const REFERENCE_YEARS = 56;

/**
 * A Brownian bridge in multifractal time, as in Mandelbrot's model of asset returns: every 1024 slots the price comes back to
 * somewhere around its long-term path, and in between it is refined by midpoint displacement, where each half of a stretch of
 * time gets an uneven part of the stretch's variance. Returns are uncorrelated, their sizes are not, and their tails are
 * fat; nothing is stored, every value is a function of the keys.
 */
export function dailyPath(seed: string, of: SimulatedSymbol, slotsPerYear: number): DailyPath {
  const keys: Keys = {
    market: hashText(`${seed} market`),
    sector: hashText(`${seed} sector ${of.sector}`),
    own: hashText(`${seed} symbol ${of.symbol}`),
  };
  const mixed = mixer(keys, of);
  const meanVariance = (of.volatility * of.volatility) / slotsPerYear;
  const blocks = new Map<number, Block>();

  const anchor = (block: number): number => {
    const years = (block * BLOCK) / slotsPerYear - REFERENCE_YEARS;
    return ANNUAL_DRIFT * years + of.volatility * 0.6 * mixed(ANCHOR, block);
  };

  const blockAt = (slot: number): Block => {
    const number = Math.floor(slot / BLOCK);
    let block = blocks.get(number);
    if (block === undefined) {
      // A chart of everything needs few; more are only asked for by turns.
      if (blocks.size >= MAX_BLOCKS) blocks.clear();
      block = refine(number, anchor(number), anchor(number + 1), meanVariance * BLOCK, mixed, keys);
      blocks.set(number, block);
    }
    return block;
  };

  return {
    keys,
    meanVariance,
    level: (slot) => blockAt(slot).levels[modulo(slot) + 1] ?? 0,
    variance: (slot) => blockAt(slot).variances[BLOCK + modulo(slot)] ?? 0,
  };
}

const MAX_BLOCKS = 6;
/** Kinds of random numbers, so that no two share one. */
const [ANCHOR, STEP, SHARE] = [0x11, 0x22, 0x33];

interface Block {
  /** At the beginning, and at the end of each slot. */
  readonly levels: Float64Array;
  /** Of the nodes of a binary tree in the order of a heap; its leaves are the slots. */
  readonly variances: Float64Array;
}

type Mixed = (kind: number, index: number) => number;

function refine(block: number, from: number, to: number, variance: number, mixed: Mixed, keys: Keys): Block {
  const levels = new Float64Array(BLOCK + 1);
  const variances = new Float64Array(2 * BLOCK);
  levels[0] = from;
  levels[BLOCK] = to;
  variances[1] = variance;
  for (let node = 1, size = BLOCK; size > 1; size >>= 1) {
    for (let start = 0; start < BLOCK; start += size, node += 1) {
      const index = block * BLOCK + node;
      const whole = variances[node] ?? 0;
      const shared = normal(hash(keys.market ^ SHARE, index));
      const own = normal(hash(keys.own ^ SHARE, index));
      const uneven = UNEVENNESS * (Math.sqrt(SHARED_UNEVENNESS) * shared + Math.sqrt(1 - SHARED_UNEVENNESS) * own);
      const part = (1 + Math.min(Math.max(uneven, -MAX_UNEVENNESS), MAX_UNEVENNESS)) / 2;
      variances[2 * node] = whole * part;
      variances[2 * node + 1] = whole * (1 - part);
      const [a = 0, b = 0] = [levels[start], levels[start + size]];
      levels[start + size / 2] = a + (b - a) * part + Math.sqrt(whole * part * (1 - part)) * mixed(STEP, index);
    }
  }
  return { levels, variances };
}

/** One normal variate out of the market's, the sector's and the symbol's own, so that symbols move together as they share. */
export function mixer(keys: Keys, { marketShare, sectorShare }: SimulatedSymbol): Mixed {
  const [market, sector] = [Math.sqrt(marketShare), Math.sqrt(sectorShare)];
  const own = Math.sqrt(Math.max(0, 1 - marketShare - sectorShare));
  return (kind, index) =>
    market * normal(hash(keys.market ^ kind, index)) +
    sector * normal(hash(keys.sector ^ kind, index)) +
    own * normal(hash(keys.own ^ kind, index));
}

function modulo(slot: number): number {
  return ((slot % BLOCK) + BLOCK) % BLOCK;
}

export function priceAt(of: SimulatedSymbol, level: number): number {
  return onGrid(of, of.basePrice * exp(level));
}

/** The nearest price that can be quoted, and never nothing. */
export function onGrid({ tick, tickBelowOne }: Pick<SimulatedSymbol, 'tick' | 'tickBelowOne'>, price: number): number {
  if (price >= ONE) return Math.round(price / tick) * tick;
  return Math.max(tickBelowOne, Math.round(price / tickBelowOne) * tickBelowOne);
}

const ONE = 1_000_000;
