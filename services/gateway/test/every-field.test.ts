import {
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';
import { adminPermissions, memberPermissions, userIdOf } from './fake-services.ts';
import { type GatewayRig, type GraphqlAnswer, gatewayRig } from './gateway-rig.ts';

/**
 * Every query and mutation that the schema has, made up from the schema itself, so that a new one is tried the day it
 * appears: by nobody, by somebody without any rights, and by a member with another user's ids.
 */
const schema = buildSchema();
const EVE = userIdOf('eve');
const VICTIM = userIdOf('victim');
const POWERLESS = userIdOf('powerless');
const ADMIN = userIdOf('admin');

/** The few that are meant for everybody, and for everybody who is signed in. */
const forAnybody = new Set(['health']);
const needsNoRight = new Set(['myPermissions', 'node']);
/** What nobody may do to themselves alone: it takes the right over everybody's. */
const forStaff = new Set(['auditLog', 'verifyAudit', 'roles', 'grantRole', 'revokeRole', 'reviewOnboarding']);

interface Root {
  kind: 'query' | 'mutation';
  name: string;
  field: GraphQLField<unknown, unknown>;
}
const roots: Root[] = (['query', 'mutation'] as const).flatMap((kind) => {
  const type = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  return Object.values(type?.getFields() ?? {}).map((field) => ({ kind, name: field.name, field }));
});

let rig: GatewayRig;
const tokens = new Map<string, string>();

beforeAll(async () => {
  rig = await gatewayRig();
  rig.permissions.set(POWERLESS, []);
  rig.permissions.set(EVE, memberPermissions);
  rig.permissions.set(ADMIN, adminPermissions);
  for (const user of [EVE, POWERLESS, ADMIN]) tokens.set(user, await rig.tokens.sign({ sub: user }));
});
afterAll(() => rig.close());

const named = roots.map((root): [string, Root] => [`${root.kind} ${root.name}`, root]);

describe('by nobody', () => {
  test.each(named)('%s', async (_, root) => {
    forget();
    const answer = await tryIt(root);
    if (forAnybody.has(root.name)) {
      expect(answer.errors).toEqual([]);
      return;
    }
    expectRefused(answer, root, 'UNAUTHENTICATED');
    expect(calls()).toEqual([]);
  });
});

describe('without rights', () => {
  test.each(named.filter(([, { name }]) => !forAnybody.has(name) && !needsNoRight.has(name)))('%s', async (_, root) => {
    forget();
    expectRefused(await tryIt(root, POWERLESS), root, 'PERMISSION_DENIED');
    expect(calls()).toEqual([]);
  });

  test.each(named.filter(([, { name }]) => forStaff.has(name)))('%s as a member', async (_, root) => {
    forget();
    expectRefused(await tryIt(root, EVE), root, 'PERMISSION_DENIED');
    expect(calls()).toEqual([]);
  });
});

describe('with another user’s ids', () => {
  test.each(named)('%s speaks to services in one’s own name only', async (_, root) => {
    forget();
    const answer = await tryIt(root, EVE);
    for (const { method, request, caller } of calls()) {
      expect(caller.userId, method).toBe(EVE);
      expect(request['userId'] ?? EVE, method).toBe(EVE);
    }
    expect(JSON.stringify(answer.data ?? null)).not.toContain(VICTIM.slice(0, 8));
  });
});

describe('with all rights', () => {
  test.each(named)('%s can be asked for as the test asks', async (_, root) => {
    const { errors } = await tryIt(root, ADMIN);
    expect(errors.map(({ message }) => message)).toEqual([]);
  });
});

describe('the schema', () => {
  test('what comes from a service may be missing', () => {
    const always = roots.filter(({ field, name }) => isNonNullType(field.type) && !forAnybody.has(name));
    expect(always.map(({ name }) => name)).toEqual([]);
  });

  test('every list of objects is a connection', () => {
    const lists = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !/^__|(Connection)$/.test(type.name)
        ? Object.values(type.getFields())
            .filter(({ type: of }) => isListOfObjects(of))
            .map(({ name }) => `${type.name}.${name}`)
        : [],
    );
    // The details of an entry are part of it.
    expect(lists).toEqual(['AuditEntry.details']);
  });
});

function isListOfObjects(type: GraphQLOutputType): boolean {
  const inner = isNonNullType(type) ? (type.ofType as GraphQLOutputType) : type;
  return isListType(inner) && isObjectType(getNamedType(inner));
}

function forget(): void {
  for (const service of [rig.auth, rig.security, rig.user]) service.calls.length = 0;
}

/** What the gateway asks of its own accord is no answer to the request. */
function calls() {
  return [rig.auth, rig.security, rig.user]
    .flatMap((service) => service.calls)
    .filter(
      ({ method, request, caller }) =>
        method !== 'getJwks' && !(method === 'listPermissions' && request['userId'] === caller.userId),
    );
}

function expectRefused({ data, errors }: GraphqlAnswer, { name }: Root, code: string): void {
  expect(errors[0]?.extensions['code']).toBe(code);
  expect(errors[0]?.extensions['traceId']).toBeDefined();
  expect((data as Record<string, unknown> | null | undefined)?.[name] ?? null).toBeNull();
}

/** An id of the type that the field wants: the first that is not refused for its type. */
const idTypes = ['User', 'Session', 'ApiKey', 'Watchlist', 'Notification', 'Grant', 'AuditEntry'];

async function tryIt(root: Root, userId?: string): Promise<GraphqlAnswer> {
  const token = userId === undefined ? undefined : tokens.get(userId);
  let answer: GraphqlAnswer | undefined;
  for (const idType of idTypes) {
    const id = Buffer.from(`${idType}:${VICTIM}`).toString('base64');
    answer = await rig.ask({ query: textOf(root, id), ...(token === undefined ? {} : { token }) });
    if (!answer.errors.some(({ message }) => /is not of type|are not all/.test(message))) break;
  }
  return answer as GraphqlAnswer;
}

function textOf({ kind, name, field }: Root, id: string): string {
  const given = field.args
    .filter(
      ({ type, defaultValue, name: arg }) => (isNonNullType(type) && defaultValue === undefined) || arg === 'userId',
    )
    .map(({ name: arg, type }) => `${arg}: ${valueOf(type, id)}`);
  const args = given.length === 0 ? '' : `(${given.join(', ')})`;
  return `${kind} { ${name}${args} ${selectionOf(field.type)} }`;
}

function valueOf(type: GraphQLInputType, id: string): string {
  if (isNonNullType(type)) return valueOf(type.ofType, id);
  if (isListType(type)) return `[${valueOf(type.ofType, id)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (type instanceof GraphQLInputObjectType) {
    const fields = Object.values(type.getFields()).map((field) => `${field.name}: ${valueOf(field.type, id)}`);
    return `{ ${fields.join(', ')} }`;
  }
  const values: Record<string, string> = {
    ID: JSON.stringify(id),
    String: '"text"',
    Int: '1',
    Boolean: 'true',
    Decimal: '"1.5"',
    DateTime: '"2030-01-01T00:00:00Z"',
  };
  const value = values[type.name];
  if (value === undefined) throw new Error(`the test does not know a value of ${type.name}`);
  return value;
}

function selectionOf(type: GraphQLOutputType): string {
  const inner = getNamedType(type);
  if (isUnionType(inner)) return '{ __typename }';
  if (!isObjectType(inner)) return 'getFields' in inner ? '{ __typename }' : '';
  const leaf = Object.values(inner.getFields()).find((field) => field.args.length === 0 && !isNested(field.type));
  return leaf === undefined || inner.name.endsWith('Connection') ? '{ pageInfo { hasNextPage } }' : `{ ${leaf.name} }`;
}

function isNested(type: GraphQLOutputType): boolean {
  const inner = getNamedType(type);
  return isObjectType(inner) || isUnionType(inner);
}
