import { randomUUID } from 'node:crypto';
import { newEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import { MICRO } from '@andvari/money';
import { ExecType } from '@andvari/proto/engine/v1/reports';
import { deadLetterDropped, executionReport } from '@andvari/proto/events';
import { type DeadLetter, PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  as,
  balance,
  buyOf,
  type Client,
  caughtUp,
  expectClean,
  fill,
  houseLeg,
  opened,
  openPortfolio,
  operator,
  orders,
  type Portfolio,
  present,
  published,
  report,
} from './portfolio-fixture.ts';

let portfolio: Portfolio;
let order: Client;
beforeAll(async () => {
  portfolio = await openPortfolio({ EARLY_REPORT_WAIT_MS: '4000' });
  order = orders(portfolio);
});
afterAll(() => portfolio.close());

const letters = async (): Promise<DeadLetter[]> =>
  (await operator(portfolio).listDeadLetters({ consumer: 'portfolio-executions', page: undefined })).letters;

const differing = async (): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${portfolio.started.adminPort}/metrics`);
  const counted = /^consumer_contents_differ_total\{[^}]*portfolio-executions[^}]*\} (\d+)/m;
  return Number(counted.exec(await response.text())?.[1] ?? Number.NaN);
};

const emptied = async (): Promise<void> => {
  const ids = (await letters()).map(({ id }) => id);
  if (ids.length > 0) await operator(portfolio).dropDeadLetters({ ids, reason: 'test' });
};

describe('a report before its turn', () => {
  test('waits for the fill before it, and then both are settled', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 4n, 10n);
    await order.reserve(request);
    const [first, second] = [fill(request, 1n, 10n), fill(request, 2n, 10n, 1n)];
    const end = report(request, ExecType.EXEC_TYPE_CANCELED, { before: 3n });
    await published(portfolio, [end, second]);
    await caughtUp(portfolio);
    expect((await balance(portfolio, account.id)).posted).toBe(100n * MICRO);
    await published(portfolio, [first, houseLeg(first), houseLeg(second)]);
    await eventually(async () => {
      expect(await balance(portfolio, account.id)).toEqual({ posted: 70n * MICRO, reserved: 0n });
    });
    expect(await portfolio.db`select 1 from early_reports`).toHaveLength(0);
    expect(await letters()).toEqual([]);
    await expectClean(portfolio);
  });

  test('is a dead letter when what it waits for does not come in time', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 4n, 10n);
    await order.reserve(request);
    await published(portfolio, [fill(request, 2n, 10n, 1n)]);
    await eventually(async () =>
      expect(await letters()).toMatchObject([{ error: expect.stringContaining('fill_ahead') }]),
    );
    expect(await portfolio.db`select 1 from early_reports`).toHaveLength(0);
    expect(await balance(portfolio, account.id)).toEqual({ posted: 100n * MICRO, reserved: 40n * MICRO });
    await emptied();
  });
});

describe('the same execution with other contents', () => {
  test('is a dead letter, and what was settled stays', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 4n, 10n);
    await order.reserve(request);
    const leg = fill(request, 1n, 10n);
    await published(portfolio, [leg, houseLeg(leg)], true);
    await published(portfolio, [leg, { ...leg, lastPx: 5n * MICRO }], true);
    await eventually(async () => {
      expect(await letters()).toMatchObject([{ error: expect.stringContaining('contents_differ') }]);
    });
    expect(await differing()).toBe(1);
    expect((await balance(portfolio, account.id)).posted).toBe(90n * MICRO);
    await emptied();
    await expectClean(portfolio);
  });

  test('is one also when the inbox has long forgotten the first', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 4n, 10n);
    await order.reserve(request);
    const leg = fill(request, 1n, 10n);
    await published(portfolio, [leg, houseLeg(leg)]);
    await caughtUp(portfolio);
    await portfolio.db`delete from inbox`;
    await published(portfolio, [leg, { ...leg, lastPx: 5n * MICRO }], true);
    await eventually(async () => {
      expect(await letters()).toMatchObject([{ error: expect.stringContaining('contents_differ') }]);
    });
    await portfolio.db`delete from inbox`;
    await published(portfolio, [{ ...leg, lastPx: 5n * MICRO }], true);
    await eventually(async () => {
      expect((await letters()).map(({ error }) => error)).toEqual([
        expect.stringContaining('contents_differ'),
        expect.stringContaining('execution_differs'),
      ]);
    });
    await emptied();
    await expectClean(portfolio);
  });

  test('is not let in under another name', async () => {
    const account = await opened(portfolio, { cash: 100n * MICRO });
    const request = buyOf(account, 4n, 10n);
    await order.reserve(request);
    const end = report(request, ExecType.EXEC_TYPE_CANCELED);
    await published(portfolio, [end]);
    await caughtUp(portfolio);
    const renamed = newEvent(
      executionReport,
      { ...end, reason: 'another' },
      {
        source: 'engine',
        id: randomUUID(),
        subject: { account_partition: 0, type: 'any' },
      },
    );
    await portfolio.publish(renamed);
    await eventually(async () => {
      expect(await letters()).toMatchObject([{ error: expect.stringContaining('should be the id of its event') }]);
    });
    await emptied();
  });
});

async function letterOf(price: bigint) {
  const account = await opened(portfolio, { cash: 100n * MICRO });
  const request = buyOf(account, 1n, price);
  const leg = fill(request, 1n, price);
  await published(portfolio, [leg, houseLeg(leg)]);
  await eventually(async () => expect(await letters()).toHaveLength(1));
  return { account, request, letter: present((await letters())[0]) };
}

describe('an operator', () => {
  test('sends a letter again once what it lacked is there', async () => {
    const { account, request, letter } = await letterOf(30n);
    expect(letter).toMatchObject({ error: expect.stringContaining('order_not_reserved'), deliveries: 1 });
    await order.reserve(request);
    const asked = await operator(portfolio).requeueDeadLetters({ ids: [letter.id] });
    expect(asked.letters).toEqual([{ ...letter, requeued: true }]);
    await eventually(async () => expect((await balance(portfolio, account.id)).posted).toBe(70n * MICRO));
    expect(await letters()).toEqual([]);
    await expectClean(portfolio);
  });

  test('drops a letter, with a reason that is told', async () => {
    const { letter } = await letterOf(31n);
    const drop = (reason: string) => operator(portfolio).dropDeadLetters({ ids: [letter.id], reason });
    for (const reason of ['', '   ', '\u202e']) {
      await expect(drop(reason)).rejects.toMatchObject({ code: 'invalid_argument', field: 'reason' });
    }
    await drop(' a mistake of the test ');
    expect(await letters()).toEqual([]);
    await eventually(async () => {
      const told = (await portfolio.published(deadLetterDropped)).filter(({ letterId }) => letterId === letter.id);
      expect(told).toMatchObject([{ letterId: letter.id, reason: 'a mistake of the test' }]);
    });
  });

  test.each([
    ['a session whose password was typed long ago', { authenticatedAtUs: 1n }, 'recent_sign_in_required'],
    ['an API key', { apiKeyId: randomUUID() }, 'api_key_not_allowed'],
  ])('does not drop one by %s', async (_, session, reason) => {
    const { letter } = await letterOf(32n);
    const person = { userId: randomUUID(), scopes: ['ledger:adjust'], ...session };
    const client = portfolio.client(PortfolioServiceService, person);
    const dropped = client.dropDeadLetters({ ids: [letter.id], reason: 'a found open browser' });
    await expect(dropped).rejects.toMatchObject({ reason });
    expect(await letters()).toEqual([letter]);
    await emptied();
  });

  test('pages through them', async () => {
    await published(
      portfolio,
      Array.from({ length: 3 }, () => fill(buyOf({ id: randomUUID(), userId: '', client: order }, 1n, 1n), 1n, 1n)),
    );
    await eventually(async () => expect(await letters()).toHaveLength(3));
    const first = await operator(portfolio).listDeadLetters({ consumer: '', page: { first: 2, after: '' } });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true });
    const after = present(first.pageInfo).endCursor;
    const rest = await operator(portfolio).listDeadLetters({ consumer: '', page: { first: 2, after } });
    expect([...first.letters, ...rest.letters].map(({ id }) => id)).toEqual((await letters()).map(({ id }) => id));
    await emptied();
  });

  test.each([
    ['one that is not there', () => operator(portfolio).requeueDeadLetters({ ids: [randomUUID()] }), 'not_found'],
    ['an id that is none', () => operator(portfolio).requeueDeadLetters({ ids: ['x'] }), 'invalid_argument'],
    [
      'more than a hundred',
      () => operator(portfolio).requeueDeadLetters({ ids: Array.from({ length: 101 }, () => randomUUID()) }),
      'invalid_argument',
    ],
    [
      'any without the right',
      () => as(portfolio, randomUUID(), ['ledger:verify']).requeueDeadLetters({ ids: [randomUUID()] }),
      'permission_denied',
    ],
  ])('does not send %s', async (_, send, code) => {
    await expect(send()).rejects.toMatchObject({ code });
  });
});
