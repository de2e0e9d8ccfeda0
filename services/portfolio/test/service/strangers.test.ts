import { randomUUID } from 'node:crypto';
import { noCaller, withContext } from '@andvari/kit/base/context';
import type { Caller } from '@andvari/proto/common/v1/common';
import { GroupType } from '@andvari/proto/engine/v1/commands';
import { AccountKind, HistoryPeriod, PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buyOf, expectClean, owns } from './portfolio-fixture.ts';
import { everything, feeSchedule, openWorld, type World } from './refused-world.ts';

type Method = keyof typeof PortfolioServiceService;
type Request = (world: World) => object;

/** Every method there is, on somebody else's things; a method that is added to the contract is missed here at once. */
const requests: Record<Method, Request> = {
  openAccount: ({ victim }) => ({
    userId: victim.userId,
    kind: AccountKind.ACCOUNT_KIND_SAVINGS,
    currency: 'USD',
    name: 'Mine',
    idempotencyKey: 'k',
  }),
  renameAccount: ({ victim }) => ({ accountId: victim.id, name: 'Mine' }),
  closeAccount: ({ victim }) => ({ accountId: victim.id }),
  getAccount: ({ victim }) => ({ accountId: victim.id }),
  listAccounts: ({ victim }) => ({ userId: victim.userId, includeClosed: true }),
  reserve: ({ victim }) => buyOf(victim, 1n, 1n),
  reserveGroup: ({ victim }) => ({
    groupId: randomUUID(),
    accountId: victim.id,
    symbol: 'AAPL',
    type: GroupType.GROUP_TYPE_OCO,
    legs: [buyOf(victim, 1n, 1n), buyOf(victim, 1n, 1n)],
  }),
  getReservation: () => ({ orderId: randomUUID() }),
  estimateFees: () => ({ side: 1, qty: 1n, amount: 1n }),
  release: ({ victim }) => ({ orderId: randomUUID(), accountId: victim.id, reason: '' }),
  getBuyingPower: ({ victim }) => ({ accountId: victim.id, currency: 'USD' }),
  listHoldings: ({ victim }) => ({ accountId: victim.id }),
  listLots: ({ victim }) => ({ accountId: victim.id, symbol: '', includeClosed: true }),
  listActivities: ({ victim }) => ({ accountId: victim.id, types: [], symbol: '', fromUs: 0n, toUs: 0n }),
  listActiveSpans: ({ victim }) => ({ accountId: victim.id, boundsUs: [0n, 1n] }),
  getSummary: ({ victim }) => ({ accountId: victim.id, quotes: [] }),
  getHistory: ({ victim }) => ({ accountId: victim.id, period: HistoryPeriod.HISTORY_PERIOD_DAY }),
  deposit: ({ victim }) => ({ accountId: victim.id, currency: 'USD', amount: 1n, idempotencyKey: 'k' }),
  withdraw: ({ victim }) => ({ accountId: victim.id, currency: 'USD', amount: 1n, idempotencyKey: 'k' }),
  transfer: ({ victim, stranger }) => ({
    fromAccountId: victim.id,
    toAccountId: stranger.id,
    amount: 1n,
    idempotencyKey: 'k',
  }),
  getFunding: ({ fundingId }) => ({ fundingId }),
  listFundings: ({ victim }) => ({ accountId: victim.id }),
  adjust: ({ victim }) => ({ accountId: victim.id, asset: 'USD', amount: 1n, reason: 'x', idempotencyKey: 'k' }),
  setFeeSchedule: () => ({ schedule: feeSchedule({}) }),
  listFeeSchedules: () => ({}),
  verify: () => ({}),
  listDeadLetters: () => ({ consumer: '' }),
  requeueDeadLetters: () => ({ ids: [randomUUID()] }),
  dropDeadLetters: () => ({ ids: [randomUUID()], reason: 'x' }),
  importAccounts: () => ({ accounts: [], marks: [] }),
};

const reading = ['account:read', 'portfolio:read', 'funding:read'];

let world: World;
let before: object;
beforeAll(async () => {
  world = await openWorld();
  before = await everything(world);
});
afterAll(() => world.portfolio.close());

/** The context reaches over a stream too, which reads on after the call. */
function call(method: Method, given: Partial<Caller>, request: object): Promise<unknown> {
  const caller = { ...noCaller('gateway'), ...given };
  const client = world.portfolio.client(PortfolioServiceService, caller) as unknown as Record<
    string,
    (request: object) => unknown
  >;
  const context = {
    requestId: 't',
    caller,
    deadline: Date.now() + 10_000,
    signal: new AbortController().signal,
    traceparent: '',
  };
  return withContext(context, async () => {
    if (method !== 'verify') return client[method]?.(request);
    const messages = [];
    const stream = client[method]?.(request) as AsyncIterable<unknown> | undefined;
    for await (const message of stream ?? []) messages.push(message);
    return messages;
  });
}

const DENIED = { code: expect.stringMatching(/^(permission_denied|not_found)$/) };

describe.each(Object.keys(requests) as Method[])('%s', (method) => {
  const strangers: [who: string, caller: (world: World) => Partial<Caller>][] = [
    ['another member', ({ stranger }) => ({ userId: stranger.userId, scopes: owns })],
    ['nobody', () => ({ userId: '', scopes: owns })],
    ['the owner without the right', ({ victim }) => ({ userId: victim.userId, scopes: [] })],
  ];
  test.each(strangers)('is refused to %s', async (who, caller) => {
    const outcome = call(method, caller(world), requests[method](world));
    // The fees are everybody's to see who may trade.
    if (method === 'listFeeSchedules' && who === 'another member') await outcome;
    else await expect(outcome).rejects.toMatchObject(DENIED);
  });

  test('is open to support only for reading', async () => {
    const outcome = call(method, { userId: randomUUID(), scopes: reading }, requests[method](world));
    // What is held for an order is shown with the order, by its own service.
    if (/^(get(?!Reservation)|list(?!DeadLetters))/.test(method)) await outcome;
    else await expect(outcome).rejects.toMatchObject({ code: 'permission_denied' });
  });

  test('tells another’s apart from what does not exist to nobody', async () => {
    const unknown = { ...world, victim: { ...world.victim, id: randomUUID() }, fundingId: randomUUID() };
    const stranger = { userId: world.stranger.userId, scopes: owns };
    const messageOf = (request: object) => call(method, stranger, request).then(() => '', String);
    expect(await messageOf(requests[method](unknown))).toBe(await messageOf(requests[method](world)));
  });
});

test('nothing of it has changed anything', async () => {
  expect(await everything(world)).toEqual(before);
  await expectClean(world.portfolio);
});
