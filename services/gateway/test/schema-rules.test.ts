import {
  buildSchema as fromText,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';

/**
 * The rules of graphql-eslint, `schema-recommended` and `schema-relay`, over the schema as it is built, and a few of our own. Not by
 * that package: it needs ESLint, a second linter of some ninety packages beside oxlint, and sees a file where this sees types.
 */
type Rule = (schema: GraphQLSchema) => string[];
type FieldRule = (field: GraphQLField<unknown, unknown>, of: GraphQLNamedType) => boolean;

const rules: [rule: string, found: Rule, planted: string, finds: string[]][] = [
  [
    'require-description: everything says what it is',
    (schema) => ownTypes(schema).flatMap(undescribedIn),
    'type Query { a(b: Int): E } enum E { X }',
    ['Query', 'Query.a', 'Query.a(b)', 'E', 'E.X'],
  ],
  [
    'description-style: a description is a sentence',
    (schema) =>
      ownTypes(schema)
        .flatMap(descriptionsIn)
        .flatMap(([name, text]) => (isSentence(text) ? [] : [name])),
    '"""What can be asked"""\ntype Query { "yes." a: Int "It is." b: Int }',
    ['Query', 'Query.a'],
  ],
  [
    'naming-convention: types',
    (schema) => ownTypes(schema).flatMap(({ name }) => (isTypeName(name) ? [] : [name])),
    'type Query { a: order b: OrderEnum } type order { a: Int } enum OrderEnum { X }',
    ['order', 'OrderEnum'],
  ],
  [
    'naming-convention: fields and arguments',
    (schema) =>
      fieldNames(schema).filter((name) => !/^[\w.]+\.[a-z][a-zA-Z0-9]*(?:\([a-z][a-zA-Z0-9]*\))?$/.test(name)),
    'type Query { A: Int b(c_d: Int): Int e: Int }',
    ['Query.A', 'Query.b(c_d)'],
  ],
  [
    'naming-convention: fields of the roots',
    (schema) =>
      fieldsWhere(
        schema,
        ({ name }, { name: of }) =>
          isRoot(of) && /^(?:query|get|mutation|subscription)[A-Z]|(?:Query|Mutation|Subscription)$/.test(name),
      ),
    'type Query { getOrder: Int ordersQuery: Int order: Int }',
    ['Query.getOrder', 'Query.ordersQuery'],
  ],
  [
    'naming-convention: values',
    (schema) =>
      enums(schema).flatMap((type) =>
        type
          .getValues()
          .filter(({ name }) => !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(name))
          .map(({ name }) => `${type.name}.${name}`),
      ),
    'type Query { a: E } enum E { GOOD_1 bad }',
    ['E.bad'],
  ],
  [
    'no-typename-prefix: a field does not repeat its type, but for the UUID beside a global id',
    (schema) =>
      fieldsWhere(
        schema,
        ({ name }, { name: of }) => name !== `${uncapital(of)}Id` && new RegExp(`^${uncapital(of)}[A-Z]`).test(name),
      ),
    'type Query { order: Order } type Order { orderId: ID orderSide: Int }',
    ['Order.orderSide'],
  ],
  [
    'no-unreachable-types',
    (schema) =>
      ownTypes(schema)
        .filter(({ name }) => !reachable(schema).has(name))
        .map(({ name }) => name),
    'type Query { a: A } type A { b: Int } type C { d: Int }',
    ['C'],
  ],
  [
    'require-deprecation-reason',
    (schema) =>
      fieldsWhere(
        schema,
        ({ deprecationReason }) => deprecationReason === '' || deprecationReason === 'No longer supported',
      ),
    'type Query { a: Int @deprecated b: Int @deprecated(reason: "Ask for `a`.") }',
    ['Query.a'],
  ],
  [
    'relay-arguments: a list takes first and after, and nothing that would be refused',
    (schema) =>
      fieldsWhere(
        schema,
        ({ type, args }) =>
          getNamedType(type).name.endsWith('Connection') && pagingOf(args) !== 'after:String first:Int',
      ),
    'type Query { a: AConnection b(first: Int, after: String): AConnection c(first: Int, after: String, last: Int): AConnection } type AConnection { a: Int }',
    ['Query.a', 'Query.c'],
  ],
  [
    'relay-connection-types',
    (schema) =>
      objects(schema)
        .filter(({ name }) => name.endsWith('Connection'))
        .flatMap((type) => (isConnection(schema, type) ? [] : [type.name])),
    'type Query { a: AConnection b: BConnection } type AConnection { edges: [AEdge!]! pageInfo: PageInfo! } type AEdge { node: Int! cursor: String! } type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String } type BConnection { edges: [BEdge!]! } type BEdge { node: Int! }',
    ['BConnection'],
  ],
  [
    'one name has one type in all members of a union, or no document can ask for both',
    (schema) =>
      ownTypes(schema)
        .filter(isUnionType)
        .flatMap((union) => {
          const seen = new Map<string, Set<string>>();
          for (const member of union.getTypes()) {
            for (const [name, { type }] of Object.entries(member.getFields()))
              seen.set(name, (seen.get(name) ?? new Set()).add(asMerged(String(type), type)));
          }
          return [...seen].filter(([, types]) => types.size > 1).map(([name]) => `${union.name}: ${name}`);
        }),
    'type Query { u: U } union U = A | B type A { x: Int y: Int } type B { x: String y: Int }',
    ['U: x'],
  ],
  [
    'a mutation says in its result why it was refused',
    (schema) =>
      Object.values(schema.getMutationType()?.getFields() ?? {})
        .filter(({ type }) => {
          const result = getNamedType(type);
          return (
            !isUnionType(result) ||
            !result.getTypes().some((member) => member.getInterfaces().some(({ name }) => name === 'Refusal'))
          );
        })
        .map(({ name }) => name),
    'type Query { a: Int } type Mutation { a: Int b: B } union B = R | Query interface Refusal { code: String! } type R implements Refusal { code: String! }',
    ['a'],
  ],
  [
    'a mutation answers what it changed: things with global ids, or the ids of those that are gone',
    (schema) =>
      Object.values(schema.getMutationType()?.getFields() ?? {})
        .filter(({ type, name }) => !changesNoNode.has(name) && !answersChanged(getNamedType(type)))
        .map(({ name }) => name),
    'interface Node { id: ID! } type Query { a: N } type N implements Node { id: ID! } type Mutation { a: A b: B c: C d: N } union A = AA type AA { done: Int } union B = BB type BB { n: N } union C = CC type CC { deletedId: ID }',
    ['a'],
  ],
];

/** What they change is one of a kind and has no id. */
const changesNoNode: ReadonlySet<string> = new Set([
  'requestAccountDeletion',
  'updatePreferences',
  'enrolSecondFactor',
  'confirmSecondFactor',
  'renewRecoveryCodes',
  'disableSecondFactor',
]);

describe.each(rules)('%s', (_, found, planted, finds) => {
  test('holds', () => expect(found(buildSchema())).toEqual([]));
  test('finds what is against it', () => expect(found(fromText(planted))).toEqual(finds));
});

test('there is a schema to look at', () => {
  expect(ownTypes(buildSchema()).length).toBeGreaterThan(150);
});

function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
}

function objects(schema: GraphQLSchema) {
  return ownTypes(schema).filter((type) => isObjectType(type) || isInterfaceType(type));
}

function enums(schema: GraphQLSchema): GraphQLEnumType[] {
  return ownTypes(schema).filter(isEnumType);
}

function descriptionsIn(type: GraphQLNamedType): [name: string, text: string][] {
  const found: [string, string | null | undefined][] = [[type.name, type.description]];
  if (isEnumType(type)) for (const it of type.getValues()) found.push([`${type.name}.${it.name}`, it.description]);
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      found.push([`${type.name}.${field.name}`, field.description]);
      if ('args' in field)
        for (const it of field.args) found.push([`${type.name}.${field.name}(${it.name})`, it.description]);
    }
  }
  return found.map(([name, text]) => [name, text ?? '']);
}

function answersChanged(type: GraphQLNamedType, isInner = false): boolean {
  if (isUnionType(type)) {
    const done = type.getTypes().filter((member) => member.getInterfaces().every(({ name }) => name !== 'Refusal'));
    return done.every((member) => answersChanged(member));
  }
  if (!isObjectType(type)) return false;
  if (type.getInterfaces().some(({ name }) => name === 'Node')) return true;
  const fields = Object.values(type.getFields());
  if (fields.some(({ name }) => /^(?:revoked|deleted)Ids?$/.test(name))) return true;
  return !isInner && fields.some((field) => answersChanged(getNamedType(field.type), true));
}

function undescribedIn(type: GraphQLNamedType): string[] {
  return descriptionsIn(type).flatMap(([name, text]) => (text === '' ? [name] : []));
}

function fieldNames(schema: GraphQLSchema): string[] {
  return ownTypes(schema)
    .filter((type) => !isEnumType(type))
    .flatMap((type) => descriptionsIn(type).map(([name]) => name))
    .filter((name) => name.includes('.'));
}

function fieldsWhere(schema: GraphQLSchema, is: FieldRule): string[] {
  return objects(schema).flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => is(field, type))
      .map(({ name }) => `${type.name}.${name}`),
  );
}

const isSentence = (text: string): boolean => text === '' || /^[\p{Lu}\d`…].*[.…]`?$/su.test(text);
const isTypeName = (name: string): boolean =>
  /^[A-Z][a-zA-Z0-9]*$/.test(name) && !/^(?:Enum|Interface|Union)[A-Z]|(?:Enum|Interface|Union)$/.test(name);
const isRoot = (name: string): boolean => ['Query', 'Mutation', 'Subscription'].includes(name);
const uncapital = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);
/** Objects may be asked for in parts; of all else the type has to be the same to the letter. */
const asMerged = (text: string, type: Parameters<typeof getNamedType>[0]): string =>
  isObjectType(getNamedType(type)) || isInterfaceType(getNamedType(type)) ? text.replaceAll(/\w+/g, 'object') : text;
const pagingOf = (args: GraphQLField<unknown, unknown>['args']): string =>
  args
    .filter(({ name }) => ['first', 'after', 'last', 'before'].includes(name))
    .map(({ name, type }) => `${name}:${String(type)}`)
    .toSorted()
    .join(' ');

function isConnection(schema: GraphQLSchema, type: GraphQLNamedType): boolean {
  if (!isObjectType(type)) return false;
  const { edges, pageInfo } = type.getFields();
  const edge = edges === undefined ? undefined : getNamedType(edges.type);
  if (!isObjectType(edge) || edge.name !== type.name.replace(/Connection$/, 'Edge')) return false;
  const { node, cursor } = edge.getFields();
  const page = schema.getType('PageInfo');
  return (
    String(edges?.type).startsWith('[') &&
    String(pageInfo?.type) === 'PageInfo!' &&
    node !== undefined &&
    String(cursor?.type) === 'String!' &&
    isObjectType(page) &&
    ['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor'].every((name) => name in page.getFields())
  );
}

function reachable(schema: GraphQLSchema): Set<string> {
  const seen = new Set<string>();
  const visit = (text: string): void => {
    const type = schema.getType(text.replaceAll(/[[\]!]/g, ''));
    if (type === undefined || seen.has(type.name)) return;
    seen.add(type.name);
    if (isUnionType(type) || isInterfaceType(type)) for (const { name } of schema.getPossibleTypes(type)) visit(name);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return;
    for (const field of Object.values(type.getFields())) {
      visit(String(field.type));
      if ('args' in field) for (const argument of field.args) visit(String(argument.type));
    }
    if (!isInputObjectType(type)) for (const { name } of type.getInterfaces()) visit(name);
  };
  for (const root of ['Query', 'Mutation', 'Subscription']) visit(root);
  return seen;
}
