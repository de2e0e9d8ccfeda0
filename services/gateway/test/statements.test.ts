import { AppError } from '@andvari/kit/base/errors';
import { eventually } from '@andvari/kit/testing/eventually';
import type { Activity, ListActivitiesRequest } from '@andvari/proto/portfolio/v1/portfolio';
import { ActivityType } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { csvLine } from '../src/http/csv.ts';
import { monthSpan, monthsOf } from '../src/schema/portfolio/statement-months.ts';
import { accountIdOf, portfolioAnswers } from './fake-portfolio.ts';
import { NOW_US } from './fake-rows.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig, randomAddress } from './gateway-rig.ts';

const ADA = userIdOf('ada');
const MICRO = 1_000_000n;
const NEW_YORK = 'America/New_York';
const us = (iso: string): bigint => BigInt(Date.parse(iso)) * 1000n;

let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  rig = await gatewayRig();
  token = await rig.tokens.sign({ sub: ADA });
});
afterAll(() => rig.close());
afterEach(() => {
  Object.assign(rig.portfolio.answers, portfolioAnswers());
  rig.portfolio.calls.length = 0;
});

const pathOf = (month: string, accountId = accountIdOf(ADA)): string => `/statements/${accountId}/${month}.csv`;
const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${rig.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': randomAddress(), ...headers },
  });
const bare = (path: string): Promise<Response> =>
  fetch(`${rig.url}${path}`, { headers: { 'x-forwarded-for': randomAddress() } });
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, string> }).error;

const activity = (at: string, amount: bigint, more: Partial<Activity> = {}): Activity => ({
  id: userIdOf(at),
  accountId: accountIdOf(ADA),
  type: ActivityType.ACTIVITY_TYPE_DEPOSIT,
  symbol: '',
  qty: 0n,
  px: 0n,
  amount,
  currency: 'USD',
  journalId: 'j',
  reference: '',
  orderId: '',
  realizedPnl: 0n,
  occurredAtUs: us(at),
  ...more,
});

/** A ledger with these lines in pages of `size`, and so much cash before them. */
function booked(lines: readonly Activity[], before: bigint, closing?: bigint, size = 2): void {
  const after = lines.reduce((sum, { amount }) => sum + amount, before);
  const listActivities = ({ fromUs, toUs, page }: ListActivitiesRequest) => {
    if (toUs === 0n) return { activities: [], balanceBefore: closing ?? after, pageInfo: undefined };
    const within = lines.filter(({ occurredAtUs }) => occurredAtUs >= fromUs && occurredAtUs < toUs);
    const start = Number(page?.after || 0);
    const pageInfo = { endCursor: String(start + size), hasNextPage: within.length > start + size };
    const balance = start === 0 ? { balanceBefore: before } : {};
    return { activities: within.slice(start, start + size), pageInfo, ...balance };
  };
  Object.assign(rig.portfolio.answers, { listActivities });
}

const march = [
  activity('2025-03-01T05:00:00Z', 1000n * MICRO, { reference: '=HYPERLINK("http://evil.example")' }),
  activity('2025-03-09T12:00:00Z', -100_250_001n, {
    type: ActivityType.ACTIVITY_TYPE_BUY,
    symbol: 'ACME',
    qty: MICRO / 2n,
    px: 200_500_002n,
    orderId: 'an-order',
  }),
  activity('2025-04-01T03:59:59Z', 7n, { type: 99 as ActivityType }),
];

describe('a statement', () => {
  test('is a file of the month in the market’s zone, line by line with the balance after each', async () => {
    booked(march, 5n * MICRO);
    const response = await get(pathOf('2025-03'));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="statement-AN-0001-2025-03.csv"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect((await response.text()).split('\r\n')).toEqual([
      'time,type,symbol,quantity,price,amount,balance,currency,realizedPnl,reference,orderId,journalId',
      '2025-03-01T05:00:00.000000Z,OPENING_BALANCE,,,,,5,USD,,,,',
      `2025-03-01T05:00:00.000000Z,DEPOSIT,,,,1000,1005,USD,,"'=HYPERLINK(""http://evil.example"")",,j`,
      '2025-03-09T12:00:00.000000Z,BUY,ACME,0.5,200.500002,-100.250001,904.749999,USD,,,an-order,j',
      '2025-04-01T03:59:59.000000Z,UNKNOWN,,,,0.000007,904.750006,USD,,,,j',
      '2025-04-01T04:00:00.000000Z,CLOSING_BALANCE,,,,,904.750006,USD,,,,',
      '',
    ]);
  });

  test('says so where something was booked behind its reader, instead of a sum that is none', async () => {
    booked(march, 5n * MICRO, 1n);
    const lines = (await (await get(pathOf('2025-03'))).text()).trimEnd().split('\r\n');
    expect(lines.at(-1)).toContain('INCOMPLETE,,,,,904.750006,USD,,something was booked while this was read');
  });

  test('of a month with more lines than one may have ends where it ends, and says so', async () => {
    const endless = {
      activities: [activity('2025-03-02T00:00:00Z', 1n)],
      pageInfo: { endCursor: 'x', hasNextPage: true },
    };
    Object.assign(rig.portfolio.answers, { listActivities: () => ({ ...endless, balanceBefore: 0n }) });
    const lines = (await (await get(pathOf('2025-03'))).text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1 + 1 + 250 + 1);
    expect(lines.at(-1)).toContain('INCOMPLETE,,,,,0.000001,USD,,50000 lines are the most');
  });

  test('that cannot be read to its end is a broken download and no short file', async () => {
    booked(march, 0n);
    const { listActivities } = rig.portfolio.answers as { listActivities: (request: ListActivitiesRequest) => unknown };
    const failing = (request: ListActivitiesRequest) => {
      if (request.page?.after === '2') throw new AppError('unavailable', 'the database is away');
      return listActivities(request);
    };
    Object.assign(rig.portfolio.answers, { listActivities: failing });
    const response = await get(pathOf('2025-03'));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(/terminated/);
  });

  test('that portfolio refuses is no file', async () => {
    Object.assign(rig.portfolio.answers, {
      listActivities: () => {
        throw new AppError('unavailable', 'the database is away');
      },
    });
    const response = await get(pathOf('2025-03'));
    expect(response.status).toBe(503);
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(await errorOf(response)).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('is asked for by its head without a line being read', async () => {
    const response = await get(pathOf('2025-03'), {}, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    expect(await response.text()).toBe('');
    expect(rig.portfolio.callsOf('listActivities')).toEqual([]);
    expect((await get(pathOf('2999-01'), {}, 'HEAD')).status).toBe(400);
  });

  test('of many lines counts as many requests', async () => {
    booked(
      Array.from({ length: 100 }, () => activity('2025-03-02T00:00:00Z', 1n)),
      0n,
      undefined,
      200,
    );
    const limited = await rig.another({ LIMIT_PER_USER: '100' });
    const user = userIdOf('a reader of statements');
    const headers = {
      authorization: `Bearer ${await rig.tokens.sign({ sub: user })}`,
      'x-forwarded-for': randomAddress(),
    };
    const ask = () => fetch(`${limited.url}${pathOf('2025-03', accountIdOf(user))}`, { headers });
    // Ten at once are allowed; a hundred lines of a dozen cells are more, once they are counted.
    await eventually(async () => expect((await ask()).status).toBe(429));
    expect(rig.portfolio.callsOf('getAccount').length).toBeLessThan(10);
    await limited.close();
  });
});

describe('who may read it', () => {
  test.each<[string, () => Promise<Response>, number, string]>([
    ['not another member', () => get(pathOf('2025-03', accountIdOf(userIdOf('eve')))), 404, 'account_not_found'],
    ['nobody who is not signed in', () => get(pathOf('2025-03'), { authorization: '' }), 401, 'credential_unknown'],
    ['nobody who shows nothing', () => bare(pathOf('2025-03')), 401, 'not_signed_in'],
    ['not who sends', () => get(pathOf('2025-03'), {}, 'POST'), 405, 'method_not_allowed'],
    ['nobody, where none is', () => get('/statements/of-mine/2025-03.csv'), 404, 'no_route'],
  ])('%s', async (_, ask, status, reason) => {
    const response = await ask();
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ reason });
    expect(response.headers.get('content-disposition')).toBeNull();
  });

  test('and a method that is none says which are', async () => {
    expect((await get(pathOf('2025-03'), {}, 'DELETE')).headers.get('allow')).toBe('GET, HEAD');
  });

  test('not even where portfolio would let it through', async () => {
    const eve = accountIdOf(userIdOf('eve'));
    const { getAccount } = portfolioAnswers() as { getAccount: (request: object, caller: object) => unknown };
    const lax = () => getAccount({ accountId: eve }, { userId: userIdOf('eve'), scopes: [] });
    Object.assign(rig.portfolio.answers, { getAccount: lax });
    expect((await get(pathOf('2025-03', eve))).status).toBe(404);
    expect(rig.portfolio.callsOf('listActivities')).toEqual([]);
  });

  test.each([
    ['a page of ours', { 'sec-fetch-site': 'same-origin' }, 200],
    ['an address that was typed', { 'sec-fetch-site': 'none' }, 200],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }, 403],
  ])('by cookie from %s', async (_, headers: Record<string, string>, status) => {
    booked(march, 0n);
    const cookie = `__Host-andvari_access=${token}`;
    const response = await fetch(`${rig.url}${pathOf('2025-03')}`, {
      headers: { cookie, 'x-forwarded-for': randomAddress(), ...headers },
    });
    expect(response.status).toBe(status);
  });

  test.each([
    [['account:read:own', 'portfolio:read:own'], 200, ''],
    [['account:read:own'], 403, 'not allowed: portfolio:read'],
    [['portfolio:read:own'], 403, 'not allowed: account:read'],
  ])('a key with %j: %d', async (scopes, status, message) => {
    booked(march, 0n);
    rig.auth.answers['authenticateApiKey'] = () => ({ userId: ADA, scopes, expiresAtUs: 0n, dailyNotionalCap: 0n });
    const headers = { 'x-api-key-id': scopes.join(), 'x-api-key-secret': 'good-secret' };
    const response = await fetch(`${rig.url}${pathOf('2025-03')}`, {
      headers: { ...headers, 'x-forwarded-for': randomAddress() },
    });
    expect(response.status).toBe(status);
    if (status !== 200) expect(await errorOf(response)).toMatchObject({ message });
  });
});

test.each([
  ['2026-13', 'month: "2026-13" is not a month like 2026-11'],
  ['2026-1', 'month: "2026-1" is not a month like 2026-11'],
  ['2999-01', 'month: "2999-01" has not begun'],
  ['2023-10', 'month: "2023-10" was over when the account was opened'],
])('%s is refused by its name', async (month, message) => {
  const response = await get(pathOf(month));
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'month', message });
});

test('an account lists the months in which anything happened, by where they are', async () => {
  const query = '{ accounts { nodes { statements(first: 3) { nodes { month path } } } } }';
  const { data, errors } = await rig.ask({ query, token });
  expect(errors).toEqual([]);
  const nodes = [{ month: '2023-11', path: pathOf('2023-11') }];
  expect(data).toEqual({ accounts: { nodes: [{ statements: { nodes } }] } });
  expect(rig.portfolio.callsOf('listActiveSpans').at(-1)?.request['boundsUs']).toContain(us('2023-11-01T04:00:00Z'));
});

describe('months', () => {
  test.each([
    ['2025-03', '2025-03-01T05:00:00Z', '2025-04-01T04:00:00Z'],
    ['2025-11', '2025-11-01T04:00:00Z', '2025-12-01T05:00:00Z'],
    ['2025-12', '2025-12-01T05:00:00Z', '2026-01-01T05:00:00Z'],
  ])('%s begins and ends at midnight where the market is', (month, from, to) => {
    expect(monthSpan(month, NEW_YORK)).toEqual({ fromUs: us(from), toUs: us(to) });
  });

  test.each(['2025-00', '2025-13', '25-01', '2025-1', '', '2025-01-01', '+02025-01'])('%j is none', (month) => {
    expect(monthSpan(month, NEW_YORK)).toBeUndefined();
  });

  test('that a time touches follow each other without a gap', () => {
    const { months, boundsUs } = monthsOf(NOW_US, us('2024-01-01T04:59:59Z'), NEW_YORK);
    expect(months).toEqual(['2023-11', '2023-12']);
    expect(boundsUs).toEqual(['2023-11-01T04:00:00Z', '2023-12-01T05:00:00Z', '2024-01-01T05:00:00Z'].map(us));
  });
});

test.each([
  [['-1.5', '2', 'plain'], '-1.5,2,plain'],
  [['=1+1', '+1', '@x', '-x', '-1+1', '\tx'], "'=1+1,'+1,'@x,'-x,'-1+1,'\tx"],
  [['a,b', 'say "x"', 'two\nlines'], '"a,b","say ""x""","two\nlines"'],
])('cells %j are %j', (cells, line) => {
  expect(csvLine(cells)).toBe(`${line}\r\n`);
});
