import {
  type GraphQLArgument,
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/**
 * Every query, mutation and subscription that a schema has, made up from the schema itself, so that a new one is tried
 * the day it appears. What it cannot know is kept here by hand: what is meant for everybody, and what takes a right over
 * everybody's.
 */
export interface MadeUpOperation {
  kind: 'query' | 'mutation' | 'subscription';
  name: string;
  field: GraphQLField<unknown, unknown>;
  /** Whether it says of whom or of what it speaks. */
  takesIds: boolean;
  /** Asks for all that there is to see, with `id` wherever an id belongs. */
  textWith(id: string): string;
}

export function madeUpOperations(schema: GraphQLSchema): MadeUpOperation[] {
  const types = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return (['query', 'mutation', 'subscription'] as const).flatMap((kind) =>
    Object.values(types[kind]?.getFields() ?? {}).map((field) => ({
      kind,
      name: field.name,
      field,
      takesIds: argumentsToGive(field).some(({ type }) => holdsIds(type)),
      textWith: (id) => textOf(schema, kind, field, id),
    })),
  );
}

/** The few that are meant for everybody, and for everybody who is signed in. */
export const forAnybody: ReadonlySet<string> = new Set(['health', 'status']);
export const needsNoRight: ReadonlySet<string> = new Set(['myPermissions', 'node']);
/** What nobody may do to themselves alone: it takes the right over everybody's. */
export const forStaff: ReadonlySet<string> = new Set([
  'auditLog',
  'users',
  'verifyAudit',
  'roles',
  'grantRole',
  'revokeRole',
  'removeSecondFactor',
  'reviewOnboarding',
  'adjust',
  'deadLetters',
  'requeueDeadLetters',
  'dropDeadLetters',
  'setFeeSchedule',
  'haltSymbol',
  'resumeSymbol',
  'upsertInstrument',
  'applyCorporateAction',
  'liquidate',
  'orderStory',
]);

/** How the gateway says that an id is one of something else: another one is worth a try. */
export const ANOTHER_KIND_OF_ID = /is not of type|are not all|is not the id of/;

/** Connections, their rows and what hangs on them; within the depth that the gateway allows. */
const MAX_DEPTH = 6;

function textOf(schema: GraphQLSchema, kind: string, field: GraphQLField<unknown, unknown>, id: string): string {
  const given = argumentsToGive(field).map(({ name, type }) => `${name}: ${valueOf(type, id, name)}`);
  const args = given.length === 0 ? '' : `(${given.join(', ')})`;
  return `${kind} { ${field.name}${args} ${selectionOf(schema, field.type, MAX_DEPTH - 1)} }`;
}

/** What has to be given, and what says of whom or of what it speaks. */
function argumentsToGive({ args }: GraphQLField<unknown, unknown>): GraphQLArgument[] {
  return args.filter(
    ({ name, type, defaultValue }) =>
      (isNonNullType(type) && defaultValue === undefined) ||
      getNamedType(type).name === 'ID' ||
      isPageOfMuch(name, args),
  );
}

/** Rows with much behind each. */
function isPageOfMuch(name: string, args: readonly GraphQLArgument[]): boolean {
  return name === 'first' && args.some((arg) => arg.name === 'accountId' || arg.name === 'includeClosed');
}

function holdsIds(type: GraphQLInputType): boolean {
  const inner = getNamedType(type);
  if (inner instanceof GraphQLInputObjectType) return Object.values(inner.getFields()).some((it) => holdsIds(it.type));
  return inner.name === 'ID';
}

/** Texts that have to be of a kind, by the name of what they are given for. */
const textsByName: Record<string, string> = {
  symbol: 'ACME',
  symbols: 'ACME',
  asset: 'ACME',
  currency: 'USD',
  from: 'USD',
  to: 'USD',
  fromDate: '2026-11-02',
  toDate: '2026-11-30',
  exDate: '2026-11-30',
};

/** What is given instead of something else, never with it. */
const instead = new Set(['percent']);

function valueOf(type: GraphQLInputType, id: string, name: string): string {
  if (isNonNullType(type)) return valueOf(type.ofType, id, name);
  if (isListType(type)) return `[${valueOf(type.ofType, id, name)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (type instanceof GraphQLInputObjectType) {
    const fields = Object.values(type.getFields())
      .filter(({ name: field }) => !instead.has(field))
      .map((field) => `${field.name}: ${valueOf(field.type, id, field.name)}`);
    return `{ ${fields.join(', ')} }`;
  }
  const values: Record<string, string> = {
    ID: JSON.stringify(id),
    String: JSON.stringify(textsByName[name] ?? 'text'),
    Int: '1',
    Boolean: 'true',
    Decimal: '"1.5"',
    DateTime: '"2030-01-01T00:00:00Z"',
  };
  const value = values[type.name];
  if (value === undefined) throw new Error(`nobody has made up a value of ${type.name} yet`);
  return value;
}

function selectionOf(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  depth: number,
  said: Set<string> = new Set(),
): string {
  const inner: GraphQLNamedOutputType = getNamedType(type);
  if (isLeafType(inner)) return '';
  if (isObjectType(inner)) return `{ ${fieldsOf(schema, inner, depth, new Map(), said).join(' ')} }`;
  const taken = new Map<string, string>();
  // What all members of an interface have is asked once.
  const common = isInterfaceType(inner) ? Object.keys(inner.getFields()) : [];
  const members = schema.getPossibleTypes(inner).flatMap((member) => {
    const own = fieldsOf(schema, member, depth, taken, said).filter((field) => !common.includes(field));
    return own.length === 0 ? [] : [`... on ${member.name} { ${own.join(' ')} }`];
  });
  return `{ ${['__typename', ...common, ...members].join(' ')} }`;
}

/** Two members of a union may not use one name for different types: the first has it. */
function fieldsOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  depth: number,
  taken: Map<string, string>,
  said: Set<string>,
): string[] {
  const fields = Object.values(type.getFields());
  // Asked about once it has said all; the limits on a query leave no room for more.
  const isSaid = said.has(type.name);
  said.add(type.name);
  const chosen = fields.filter((field) => {
    const isLeaf = isLeafType(getNamedType(field.type));
    if ((depth === 1 || isSaid) && !isLeaf) return false;
    if (isSaid && !/id$/i.test(field.name)) return false;
    // A connection says everything twice.
    if (field.name === 'edges' && 'nodes' in type.getFields()) return false;
    const before = taken.get(field.name) ?? String(field.type);
    taken.set(field.name, before);
    return before === String(field.type);
  });
  if (chosen.length === 0) return ['__typename'];
  return chosen.map((field) =>
    `${field.name}${argumentsWithin(field)} ${selectionOf(schema, field.type, depth - 1, said)}`.trim(),
  );
}

/** Of lists within lists one row each, or the whole costs too much. */
function argumentsWithin({ args }: GraphQLField<unknown, unknown>): string {
  const given = args.flatMap(({ name, type, defaultValue }) => {
    if (name === 'first') return ['first: 1'];
    return isNonNullType(type) && defaultValue === undefined ? [`${name}: ${valueOf(type, '', name)}`] : [];
  });
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}
