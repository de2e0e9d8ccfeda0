import { type GraphQLOutputType, getNamedType, isAbstractType, isListType, isNonNullType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../src/schema/schema.ts';
import { userIdOf } from './fake-service.ts';
import { adminPermissions, memberPermissions, servicesOf } from './fake-services.ts';
import { type GatewayRig, type GraphqlAnswer, gatewayRig } from './gateway-rig.ts';
import {
  ANOTHER_KIND_OF_ID,
  forAnybody,
  forStaff,
  type MadeUpOperation,
  madeUpOperations,
  needsNoRight,
} from './made-up-operations.ts';

/**
 * Every query and mutation that the schema has: by nobody, by somebody without any rights, and by a member with another
 * user's ids. What the services were asked is looked at here; tests/e2e/every-field.test.ts tries the same on real rows.
 */
const schema = buildSchema();
const EVE = userIdOf('eve');
const VICTIM = userIdOf('victim');
const POWERLESS = userIdOf('powerless');
const ADMIN = userIdOf('admin');

const roots = madeUpOperations(schema).filter(({ kind }) => kind !== 'subscription');

let rig: GatewayRig;

beforeAll(async () => {
  rig = await gatewayRig({ LIMIT_PER_USER: '1000000' });
  rig.permissions.set(POWERLESS, []);
  rig.permissions.set(EVE, memberPermissions);
  rig.permissions.set(ADMIN, adminPermissions);
});
afterAll(() => rig.close());

const named = roots.map((root): [string, MadeUpOperation] => [`${root.kind} ${root.name}`, root]);

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
    const answer = await tryIt(root, POWERLESS);
    expectRefused(answer, root, 'PERMISSION_DENIED');
    // Whoever made the key learns which scope it lacks.
    expect(answer.errors[0]?.message).toMatch(/^not allowed: [a-z_]+:[a-z_]+$/);
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

describe('asked so often that it is compiled', () => {
  test.each(named.filter(([, { kind }]) => kind === 'query'))('%s has the same answer', async (_, root) => {
    const { data } = await tryIt(root, ADMIN);
    for (let time = 0; time < 25; time += 1) {
      const again = await tryIt(root, ADMIN);
      expect({ ...again, data: shapeOf(again.data) }).toMatchObject({ status: 200, data: shapeOf(data), errors: [] });
    }
  });
});

const listsOfParts = [
  'InvalidInput.facts',
  'MarkedRead.notifications',
  'NotFound.facts',
  'NotPossible.facts',
  'ReorderedWatchlists.watchlists',
  'RequeuedDeadLetters.deadLetters',
  'AuditEntry.details',
  'BlotterSummary.counts',
  'CancelledOrders.results',
  'ClosedPositions.cancelled',
  'ClosedPositions.results',
  'Explanation.facts',
  'InvalidOrder.facts',
  'LiquidatedAccount.cancelled',
  'LiquidatedAccount.closed',
  'Order.executions',
  'Order.history',
  'Order.legs',
  'OrderExplanation.reasons',
  'OrderGroup.orders',
  'OrderPreview.warnings',
  'ReplacementPreview.warnings',
  'OrderStory.audit',
  'OrderStory.commands',
  'OrderStory.executions',
  'OrderStory.history',
  'OrderStory.unexpectedReports',
  'Book.asks',
  'Book.bids',
  'MarketCalendar.days',
  'MarketCalendar.holidays',
  'PortfolioHistory.points',
  'PortfolioMoved.holdings',
  'Query.quotes',
  'QuotesMoved.quotes',
  'SystemStatus.services',
  'SystemStatus.streams',
  'TradesPrinted.trades',
];

describe('the schema', () => {
  test('every type knows its own without a context: compiled queries have none for it', () => {
    const types = Object.values(schema.getTypeMap()).filter(isObjectType);
    for (const type of types) expect(() => type.isTypeOf?.({}, undefined as never, undefined as never)).not.toThrow();
  });

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
    // Parts of one whole, or as many as were asked for by name.
    expect(new Set(lists)).toEqual(new Set(listsOfParts));
  });

  test('the members of a union give a field name one type, so that a document can ask all of them', () => {
    const unions = Object.values(schema.getTypeMap()).filter(isAbstractType);
    for (const union of unions) {
      const types = new Map<string, string>();
      for (const member of schema.getPossibleTypes(union)) {
        for (const { name, type } of Object.values(member.getFields())) {
          const nullability = isNonNullType(type) ? 'always' : 'maybe';
          const before = types.get(name) ?? nullability;
          if (union.name !== 'Node')
            expect(`${union.name}.${name} ${nullability}`).toBe(`${union.name}.${name} ${before}`);
          types.set(name, before);
        }
      }
    }
  });
});

/** Services that are functions make up an id at every call. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)]));
}

function isListOfObjects(type: GraphQLOutputType): boolean {
  const inner = isNonNullType(type) ? (type.ofType as GraphQLOutputType) : type;
  return isListType(inner) && isObjectType(getNamedType(inner));
}

function forget(): void {
  for (const service of servicesOf(rig)) service.calls.length = 0;
}

/** What the gateway asks of its own accord is no answer to the request. */
function calls() {
  return servicesOf(rig)
    .flatMap((service) => service.calls)
    .filter(
      ({ method, request, caller }) =>
        method !== 'getJwks' && !(method === 'listPermissions' && request['userId'] === caller.userId),
    );
}

function expectRefused({ data, errors }: GraphqlAnswer, { name }: MadeUpOperation, code: string): void {
  expect(errors[0]?.extensions['code']).toBe(code);
  expect(errors[0]?.extensions['traceId']).toBeDefined();
  expect((data as Record<string, unknown> | null | undefined)?.[name] ?? null).toBeNull();
}

/** An id of the type that the field wants: the first that is not refused for its type. */
const idTypes = [
  'User',
  'Session',
  'ApiKey',
  'Watchlist',
  'Notification',
  'Grant',
  'AuditEntry',
  'Account',
  'Funding',
  'CorporateAction',
  'DeadLetter',
  'Order',
];

/** What fitted once is tried first, since most of the time here goes into trying. */
const idTypeOf = new Map<string, string>();

async function tryIt(root: MadeUpOperation, userId?: string): Promise<GraphqlAnswer> {
  // A new one each time: on a busy machine this walk takes longer than one is good for.
  const token = userId === undefined ? undefined : await rig.tokens.sign({ sub: userId });
  const fitting = idTypeOf.get(root.name);
  let answer: GraphqlAnswer | undefined;
  for (const idType of fitting === undefined ? idTypes : [fitting, ...idTypes]) {
    const id = Buffer.from(`${idType}:${VICTIM}`).toString('base64');
    answer = await rig.ask({ query: root.textWith(id), ...(token === undefined ? {} : { token }) });
    if (answer.errors.some(({ message }) => ANOTHER_KIND_OF_ID.test(message))) continue;
    idTypeOf.set(root.name, idType);
    break;
  }
  return answer as GraphqlAnswer;
}
