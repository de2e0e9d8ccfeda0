import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ANOTHER_KIND_OF_ID,
  forAnybody,
  forStaff,
  type MadeUpOperation,
  madeUpOperations,
  needsNoRight,
} from '@andvari/gateway/testing/made-up-operations';
import { eventually } from '@andvari/kit/testing/eventually';
import { checkoutRoot } from '@andvari/servers/data-home';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isInterfaceType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoded, idsIn, marksOf, settled, viewOf } from './belongings.ts';
import type { Browser, Reply } from './browser.ts';
import { PASSWORD, type People, type Person, peopleOf } from './people.ts';
import { identityServices, type System, startSystem, unlimited } from './system.ts';

/**
 * Everything that the gateway offers, tried on a real victim's real rows: by nobody, by an API key that may do nothing of
 * it, by a member and by support. Whatever comes back, it is nothing of the victim's, and the victim has all as before.
 */
const schema = buildSchema(readFileSync(join(checkoutRoot, 'services/gateway/schema.graphql'), 'utf8'));

/**
 * What trades is not tried here: prices that move would make no view like the one before. Its rows are tried with another's
 * ids by trading.test.ts, and call by call by the order service's and the ledger's own tests of strangers.
 */
const ofTrading = new Set(
  [
    'instrument instruments searchInstruments quote quotes bars marketClock marketCalendar fxRate movers corporateActions book',
    'haltSymbol resumeSymbol upsertInstrument applyCorporateAction market tape status',
    'accounts account funding feeSchedules openAccount renameAccount closeAccount deposit withdraw transfer adjust setFeeSchedule portfolio',
    'deadLetters requeueDeadLetters dropDeadLetters',
    'order orderByClientId orders executions blotterSummary previewOrder previewReplacement orderStory orderUpdates placeOrder placeGroup replaceOrder',
    'cancelOrder cancelAllOrders closePosition closeAllPositions liquidate',
  ].flatMap((line) => line.split(' ')),
);
const rowsOfTrading = new Set(
  'Account Activity CorporateAction DeadLetter Execution FeeSchedule Funding FxRate Holding Instrument Lot Order OrderEvent SentCommand'.split(
    ' ',
  ),
);
const operations = madeUpOperations(schema).filter(({ name }) => !ofTrading.has(name));
const named = (...kinds: MadeUpOperation['kind'][]): [string, MadeUpOperation][] =>
  operations.filter(({ kind }) => kinds.includes(kind)).map((it) => [`${it.kind} ${it.name}`, it]);

/** The trail is nobody's: who may read it, may read all of it. */
const belongsToNobody = new Set(['AuditEntry']);
/** Passes over what is not the viewer's, and answers with what is. */
const ignoresStrangers = new Set(['markNotificationsRead']);

let system: System;
let people: People;
let victim: Person;
let neighbour: Person;
let marks: string[];
let ids: Map<string, string>;
let powerless: Browser;

beforeAll(async () => {
  system = await startSystem(identityServices, {
    ...unlimited,
    LIMIT_PER_API_KEY: unlimited.LIMIT_PER_USER,
  });
  people = peopleOf(system);
  victim = await settled(system, people, 'the victim');
  neighbour = await settled(system, people, 'a neighbour');
  const view = await viewOf(victim, operations);
  ids = idsIn(view);
  marks = marksOf(view, await viewOf(neighbour, operations));
  powerless = await keyWithoutRights(neighbour);
});
afterAll(() => system.close());

describe('the test itself', () => {
  test('tries what the running gateway offers', async () => {
    const { data } = await people.visitor().ask(getIntrospectionQuery());
    const offered = buildClientSchema(data as unknown as IntrospectionQuery);
    expect(printSchema(lexicographicSortSchema(offered))).toBe(printSchema(lexicographicSortSchema(schema)));
  });

  test('has a row of the victim’s for every type with an id, and knows it by its marks', () => {
    const withIds = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && 'id' in type.getFields());
    const missing = withIds.filter(
      ({ name }) => !ids.has(name) && !belongsToNobody.has(name) && !rowsOfTrading.has(name),
    );
    expect(missing).toEqual([]);
    expect(marks).toEqual(expect.arrayContaining([victim.email, victim.userId, 'List of the victim', ...ids.values()]));
  });
});

describe('by nobody', () => {
  test.each(named('query', 'mutation'))('%s', async (_, operation) => {
    for (const reply of await tried(operation, people.visitor())) {
      if (forAnybody.has(operation.name)) expect(reply.errors).toEqual([]);
      else expectRefused(reply, operation, 'UNAUTHENTICATED');
    }
  });

  test.each(named('subscription'))('%s', async (_, operation) => {
    expect(await streamed(operation, people.visitor())).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('without the right', () => {
  test.each(named('query', 'mutation').filter(needsRight))('%s', async (_, operation) => {
    for (const reply of await tried(operation, powerless)) expectRefused(reply, operation, 'PERMISSION_DENIED');
  });

  test('node shows a key no more of its owner than its scopes allow', async () => {
    const own = idsIn(await viewOf(neighbour, operations));
    for (const type of ['User', 'Watchlist']) {
      const node = operations.find(({ name }) => name === 'node');
      const { data, errors } = await powerless.ask(node?.textWith(own.get(type) ?? '') ?? '');
      expect({ data, code: errors[0]?.extensions?.['code'] }).toEqual({
        data: { node: null },
        code: 'PERMISSION_DENIED',
      });
    }
  });

  test.each(named('subscription').filter(needsRight))('%s', async (_, operation) => {
    expect(await streamed(operation, powerless)).toMatchObject([{ extensions: { code: 'PERMISSION_DENIED' } }]);
  });

  test.each(named('query', 'mutation').filter(([, { name }]) => forStaff.has(name)))(
    '%s as a member',
    async (_, it) => {
      const { browser } = await people.registered();
      for (const reply of await tried(it, browser)) expectRefused(reply, it, 'PERMISSION_DENIED');
    },
  );
});

describe('with another user’s ids', () => {
  // A new member each time: what one operation does to its user should not keep the next from being tried.
  test.each(named('query', 'mutation'))('%s', async (_, operation) => {
    const { browser } = await people.registered();
    const before = await viewOf(victim, operations);
    for (const reply of await tried(operation, browser)) {
      expectNothingOf(reply);
      if (operation.kind === 'mutation' && operation.takesIds) expectNotDone(reply, operation);
    }
    expect(await viewOf(victim, operations)).toEqual(before);
  });

  test.each(named('mutation').filter(([, { takesIds }]) => takesIds))('%s by support', async (_, operation) => {
    const { browser } = await settled(system, people, operation.name);
    const before = await viewOf(victim, operations);
    for (const reply of await tried(operation, browser)) expectNotDone(reply, operation);
    expect(await viewOf(victim, operations)).toEqual(before);
  });

  test('a subscription brings one’s own news only', async () => {
    const { browser, email } = await people.registered();
    const stream = await browser.subscribe(
      'subscription { notifications { ... on NotificationArrived { notificationId notification { body } } } }',
    );
    await eventually(() => expect(stream.received).toHaveLength(1));
    // The victim's sign-in is told of first: once one's own is there, it would have been there as well.
    const device = { 'user-agent': 'Device-of-its-own' };
    for (const user of [victim.email, email]) {
      const visitor = people.visitor().with(device);
      expect((await visitor.post('/auth/login', { email: user, password: PASSWORD })).status).toBe(200);
    }
    await eventually(() => expect(JSON.stringify(stream.received)).toContain(device['user-agent']));
    stream.close();
    // What registering led to may have come meanwhile as well; all of it is one's own.
    const { data } = (await browser.ask('{ notifications(first: 100) { nodes { id } } }')) as {
      data: { notifications?: { nodes: { id: string }[] } };
    };
    const own = new Set(data.notifications?.nodes.map(({ id }) => id));
    const came = stream.received.map(({ data: news }) => (news as News).notifications.notificationId);
    expect(came.filter((id) => id !== undefined && !own.has(id))).toEqual([]);
  });
});

/** Of an arrival; where the stream stands, and what it missed, name none. */
interface News {
  notifications: { notificationId?: string };
}

function needsRight([, { name }]: [string, MadeUpOperation]): boolean {
  return !forAnybody.has(name) && !needsNoRight.has(name);
}

/** As an API key: its scopes are all that it may, and this one may look at what is for sale. */
async function keyWithoutRights({ browser }: Person): Promise<Browser> {
  const { data } = (await browser.ask(
    'mutation { createApiKey(input: { name: "of no use", scopes: ["instrument:read"] }) { ... on CreatedApiKey { secret apiKey { keyId } } } }',
  )) as { data: { createApiKey?: { secret: string; apiKey: { keyId: string } } } };
  const { secret = '', apiKey } = data.createApiKey ?? {};
  return people.visitor().with({ 'x-api-key-id': apiKey?.keyId ?? '', 'x-api-key-secret': secret });
}

interface Tried extends Reply {
  /** The id of the victim's that was given. */
  given: string;
}

/** With every id of the victim's that it takes for one; there has to be one, or nothing has been tried. */
async function tried(operation: MadeUpOperation, browser: Browser): Promise<Tried[]> {
  const replies: Tried[] = [];
  for (const given of operation.takesIds ? ids.values() : ['']) {
    replies.push({ ...(await browser.ask(operation.textWith(given))), given });
  }
  const meant = replies.filter(({ errors, text }) => errors.length === 0 || !ANOTHER_KIND_OF_ID.test(text));
  expect(meant.length, `${replies[0]?.text}`).toBeGreaterThan(0);
  return meant;
}

/** The errors that a stream ends with. */
async function streamed(operation: MadeUpOperation, browser: Browser): Promise<unknown> {
  const stream = await browser.subscribe(operation.textWith(''));
  await eventually(() => expect(stream.ended()).toBe(true));
  return stream.received.flatMap(({ errors }) => errors ?? []);
}

function expectRefused({ data, errors }: Reply, { name }: MadeUpOperation, code: string): void {
  expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual([code]);
  expect(errors[0]?.extensions?.['traceId']).toMatch(/^[0-9a-f]{32}$/);
  expect(data[name] ?? null).toBeNull();
}

/** But for the id that was given: to hear it again tells nobody anything. */
function expectNothingOf({ text, given }: Tried): void {
  const known = [given, decoded(given)];
  expect(marks.filter((mark) => text.includes(mark) && !known.some((it) => it.includes(mark)))).toEqual([]);
}

function expectNotDone({ data, errors }: Tried, { name }: MadeUpOperation): void {
  if (errors.length > 0) expect(data[name] ?? null).toBeNull();
  else if (!ignoresStrangers.has(name)) expect(refusals).toContain(typenameOf(data[name]));
}

function typenameOf(result: unknown): unknown {
  return (result as Record<string, unknown> | null)?.['__typename'];
}

const refusals = Object.values(schema.getTypeMap())
  .filter(
    (type) => isObjectType(type) && type.getInterfaces().some((it) => isInterfaceType(it) && it.name === 'Refusal'),
  )
  .map(({ name }) => name);
