/**
 * Functions whose result is the same bit for bit on every machine: they use only what IEEE 754 defines exactly (+ - * / and
 * the square root), never `Math.exp` or `Math.log`, which a processor or a release of the engine may round differently.
 */

/** A well mixed 32-bit number from a key and a number. */
export function hash(key: number, index: number): number {
  return mix(key ^ Math.imul(index, 0x9e3779b1));
}

export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

export function exp(x: number): number {
  const k = Math.floor(x / LN2 + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = 13; n > 0; n -= 1) sum = 1 + (sum * r) / n;
  for (let i = k; i > 0; i -= 1) sum *= 2;
  for (let i = k; i < 0; i += 1) sum *= 0.5;
  return sum;
}

export function log(x: number): number {
  let exponent = 0;
  let m = x;
  for (; m >= 1.5; m *= 0.5) exponent += 1;
  for (; m < 0.75; m *= 2) exponent -= 1;
  const t = (m - 1) / (m + 1);
  let sum = 0;
  for (let n = 29; n > 0; n -= 2) sum = sum * t * t + 1 / n;
  return exponent * LN2 + 2 * t * sum;
}

const { LN2 } = Math;
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.9082149292705877e-10;

const CELLS = 4096;
/** How far a cell at the end is taken to reach: the tails beyond 3.8 deviations come from the volatility, not from here. */
const EDGE = 1 / (4 * CELLS);

/** A standard normal variate from 32 random bits. */
export function normal(bits: number): number {
  return interpolated(normalQuantiles, bits);
}

/** An exponential variate of mean one from 32 random bits. */
export function exponential(bits: number): number {
  return interpolated(exponentialQuantiles, bits);
}

/** In [0, 1). */
export function uniform(bits: number): number {
  return bits / 0x1_0000_0000;
}

function interpolated(table: Float64Array, bits: number): number {
  const cell = bits >>> 20;
  const from = table[cell] ?? 0;
  return from + ((table[cell + 1] ?? 0) - from) * ((bits & 0xfffff) / 0x100000);
}

function within(p: number): number {
  return Math.min(Math.max(p, EDGE), 1 - EDGE);
}

/** The normal distribution's inverse after Peter Acklam, good to nine digits. */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * log(p));
    return polynomial(TAIL, q) / (polynomial(TAIL_BELOW, q) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (polynomial(CENTRE, r) * q) / (polynomial(CENTRE_BELOW, r) * r + 1);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const CENTRE = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const CENTRE_BELOW = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
];
const TAIL = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BELOW = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];

const normalQuantiles = Float64Array.from({ length: CELLS + 1 }, (_, i) => normalQuantile(within(i / CELLS)));
const exponentialQuantiles = Float64Array.from({ length: CELLS + 1 }, (_, i) => -log(1 - within(i / CELLS)));
