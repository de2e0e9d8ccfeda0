import type { GraphQLScalarType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';

const type = buildSchema().getType('DateTime') as GraphQLScalarType;

describe('DateTime', () => {
  test.each([
    ['2031-02-28T00:00:00Z', 1930003200_000_000n],
    ['2028-02-29T23:59:59.000001+00:00', 1_835_481_599_000_001n],
    ['2031-03-01T01:00:00+01:00', 1930089600_000_000n],
  ])('%s is a moment', (text, us) => {
    expect(type.parseValue(text)).toBe(us);
  });

  test.each([
    '2031-02-30T00:00:00Z',
    '2031-02-29T00:00:00Z',
    '2031-04-31T00:00:00Z',
    '2031-13-01T00:00:00Z',
    '2031-01-01T24:00:00Z',
    '2031-01-01T00:00:60Z',
    '2031-01-01T00:00:00+99:00',
    '2031-01-01',
    '2031-01-01T00:00:00',
    1_929_916_800,
    null,
  ])('%s is none', (value) => {
    expect(() => type.parseValue(value)).toThrow('DateTime');
  });
});
