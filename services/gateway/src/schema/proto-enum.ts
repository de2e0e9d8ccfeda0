import { builder } from './builder.ts';

/** An enum of a contract: `{ SIDE_UNSPECIFIED: 0, SIDE_BUY: 1, …, UNRECOGNIZED: -1 }`. */
type ProtoEnum = Readonly<Record<string, number>>;
/** What each value means, by its name in the schema. */
type Descriptions = Readonly<Record<string, string>>;

/**
 * An enum of the contracts as one of the schema: `SIDE_BUY` is `BUY` here. A value that a newer service speaks of is
 * `UNKNOWN`, so that one row does not take the whole answer with it.
 */
export function protoEnum(name: string, values: ProtoEnum, description: string, ofValues: Descriptions) {
  const prefix = `${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_`;
  return protoEnumNamed(name, prefix, values, description, ofValues);
}

/** The same where the schema has another name for it than the contracts. */
export function protoEnumNamed(
  name: string,
  prefix: string,
  values: ProtoEnum,
  description: string,
  ofValues: Descriptions,
) {
  const known = Object.entries(values).filter(([key, value]) => value > 0 && key.startsWith(prefix));
  const numbers = new Set(known.map(([, value]) => value));
  const named = (value: string, number: number) =>
    [value, { value: number, description: ofValues[value] ?? '' }] as const;
  const all: Record<string, { value: number; description: string }> = {
    ...Object.fromEntries(known.map(([key, value]) => named(key.slice(prefix.length), value))),
    UNKNOWN: { value: UNKNOWN, description: 'Newer than this gateway; as an input it is refused.' },
  };
  const type = builder.enumType(name, { description, values: all });
  return { type, from: (value: number): number => (numbers.has(value) ? value : UNKNOWN) };
}

const UNKNOWN = 0;
