import type { Micros } from '@andvari/money';
import { format, parseMicros } from '@andvari/money/decimal';
import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { builder } from './builder.ts';

/** Exact: a string outside, a bigint of micro-units inside, and never a float on the way. */
builder.scalarType('Decimal', {
  description: 'An exact decimal number as a string, with at most six decimals: "187.25".',
  serialize: (value) => format(value as Micros),
  parseValue: decimalFrom,
  parseLiteral: (node) => decimalFrom(textOf(node)),
});

builder.scalarType('DateTime', {
  description: 'A moment in UTC, to the microsecond: "2026-11-20T14:25:16.123456Z".',
  serialize: (us) => isoFrom(us),
  parseValue: dateTimeFrom,
  parseLiteral: (node) => dateTimeFrom(textOf(node)),
});

function decimalFrom(value: unknown): bigint {
  const parsed = typeof value === 'string' ? parseMicros(value) : { ok: false as const, reason: 'not_a_string' };
  if (parsed.ok) return parsed.value;
  const { reason } = parsed;
  throw new GraphQLError(`a Decimal is a string like "187.25" with at most six decimals (${reason})`, {
    extensions: { reason },
  });
}

const ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2})$/;

function dateTimeFrom(value: unknown): bigint {
  const [, seconds, fraction = '', zone] = ISO.exec(typeof value === 'string' ? value : '') ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  // A day that no month has is not the first of the next.
  const isReal = seconds !== undefined && isoOf(Date.parse(`${seconds}Z`)) === seconds;
  if (!isReal || Number.isNaN(ms)) {
    throw new GraphQLError('a DateTime is a string like "2026-11-20T14:25:16.123456Z"');
  }
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function isoOf(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 19);
}

export function isoFrom(us: bigint): string {
  const inSecond = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const iso = new Date(Number((us - inSecond) / 1000n)).toISOString();
  return `${iso.slice(0, 19)}.${String(inSecond).padStart(6, '0')}Z`;
}

function textOf(node: ValueNode): string | undefined {
  return node.kind === Kind.STRING ? node.value : undefined;
}

/** Zero on the wire means that it never happened or never will. */
export function timeOrNull(us: bigint): bigint | null {
  return us === 0n ? null : us;
}
