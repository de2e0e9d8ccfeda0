import {
  type GraphQLArgument,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';

/** From before descriptions were asked for. It may become less and never more: whatever is new says what it is. */
const MISSING_AT_MOST = 289;

test('what the schema has says what it is', () => {
  const types = Object.values(buildSchema().getTypeMap());
  const missing = types
    .filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type))
    .flatMap(missingIn);
  expect(missing.length, missing.join('\n')).toBeLessThanOrEqual(MISSING_AT_MOST);
});

test('whatever comes in pages says how to page', () => {
  const lists = Object.values(buildSchema().getTypeMap()).filter(({ name }) => /(?:Connection|Edge)$/.test(name));
  expect(lists.length).toBeGreaterThan(10);
  expect(lists.flatMap(missingIn)).toEqual([]);
});

function missingIn(type: GraphQLNamedType): string[] {
  const missing = isDescribed(type) ? [] : [type.name];
  if (isEnumType(type)) {
    missing.push(
      ...type
        .getValues()
        .filter((it) => !isDescribed(it))
        .map(({ name }) => `${type.name}.${name}`),
    );
  }
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      if (!isDescribed(field)) missing.push(`${type.name}.${field.name}`);
      const args: readonly GraphQLArgument[] = 'args' in field ? field.args : [];
      missing.push(...args.filter((it) => !isDescribed(it)).map(({ name }) => `${type.name}.${field.name}(${name})`));
    }
  }
  return missing;
}

function isDescribed({ description }: { description?: string | null | undefined }): boolean {
  return description !== undefined && description !== null && description !== '';
}
