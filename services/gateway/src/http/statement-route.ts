import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { withContext } from '@andvari/kit/base/context';
import { AppError, invalid } from '@andvari/kit/base/errors';
import type { Micros } from '@andvari/money';
import { format } from '@andvari/money/decimal';
import { type Account, type Activity, ActivityType } from '@andvari/proto/portfolio/v1/portfolio';
import type { Clients } from '../clients.ts';
import { may, type SignedIn, type Viewer } from '../identity/viewer.ts';
import { refusalFor } from '../schema/builder.ts';
import { accountMissing } from '../schema/portfolio/account.ts';
import { isSale } from '../schema/portfolio/holdings.ts';
import { type MonthSpan, monthSpan } from '../schema/portfolio/statement-months.ts';
import { isoFrom } from '../schema/scalars.ts';
import { WrongMethod } from './answers.ts';
import { csvLine } from './csv.ts';
import type { Entrance } from './entrance.ts';
import type { Handle } from './graphql-route.ts';
import { RequestContext } from './request-origin.ts';

export interface StatementParts {
  entrance: Entrance;
  clients: Pick<Clients, 'portfolio' | 'stock'>;
  timeoutMs: number;
}

export const STATEMENTS = '/statements/';
const PATH = /^\/statements\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([^/]+)\.csv$/;

/** As many lines as portfolio gives at once, and no more of them are held here. */
const PAGE = 200;
const MAX_PAGES = 250;
/** Who reads so slowly that it takes longer holds a connection for nothing. */
const MOST_MS = 60_000;

const COLUMNS = [
  'time',
  'type',
  'symbol',
  'quantity',
  'price',
  'amount',
  'balance',
  'currency',
  'realizedPnl',
  'reference',
  'orderId',
  'journalId',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

/**
 * A month of an account as CSV, by a plain GET with whatever signs one in. It changes nothing and comes as a file alone, so no other
 * page learns anything by leading here; with a cookie it is refused all the same where another site asks.
 */
export function createStatementRoute({ entrance, clients, timeoutMs }: StatementParts): Handle {
  return async (request, response, requestOrigin) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new WrongMethod('a statement is read with GET', 'GET', 'HEAD');
    const [, accountId, month = ''] = PATH.exec(new URL(request.url ?? '/', 'http://gateway').pathname) ?? [];
    if (accountId === undefined) throw new AppError('not_found', 'nothing is here', { reason: 'no_route' });
    const viewer = reader(await entrance.admit(request, response, requestOrigin, 'reading'));
    const endsAtMs = Date.now() + MOST_MS;
    const { signal } = new RequestContext(requestOrigin, viewer, endsAtMs, response);
    /** Each question has the time of a request, and all of them together no more than the statement. */
    const ask: Ask = (question) => {
      const deadline = Math.min(Date.now() + timeoutMs, endsAtMs);
      return withContext(new RequestContext(requestOrigin, viewer, deadline, response), question);
    };

    const account = await ask(() => accountOf(clients, accountId, viewer));
    const { timeZone } = await ask(() => clients.stock.getClock({}));
    const span = spanOf(month, timeZone, account);
    const headers = {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${fileName(account, month)}"`,
    };
    if (request.method === 'HEAD') {
      response.writeHead(200, headers).end();
      return;
    }
    const charge = (lines: number): void => entrance.charge(viewer, requestOrigin, lines * COLUMNS.length);
    const slow = AbortSignal.any([signal, AbortSignal.timeout(endsAtMs - Date.now())]);
    for await (const text of statement({ portfolio: clients.portfolio, ask, account, span, charge })) {
      // Not before there is something to send: a refusal is no file.
      if (!response.headersSent) response.writeHead(200, headers);
      await send(response, text, slow);
    }
    response.end();
  };
}

type Ask = <T>(question: () => Promise<T>) => Promise<T>;

function reader(viewer: Viewer): SignedIn {
  const missing = ['account:read', 'portfolio:read'].find(
    (permission) => viewer.kind === 'anonymous' || !may(viewer, permission, viewer.userId),
  );
  if (viewer.kind === 'anonymous' || missing !== undefined) throw refusalFor(viewer, missing);
  return viewer;
}

/** Another's account is as if it were not there: portfolio says so too, and is not relied upon alone. */
async function accountOf(
  { portfolio }: StatementParts['clients'],
  accountId: string,
  viewer: Viewer,
): Promise<Account> {
  const { account } = await portfolio.getAccount({ accountId });
  if (account === undefined || !may(viewer, 'portfolio:read', account.userId)) throw accountMissing();
  return account;
}

/** The month that is under way ends now, so that what is booked meanwhile is in the next reading. */
function spanOf(month: string, timeZone: string, { openedAtUs }: Account): MonthSpan {
  const span = monthSpan(month, timeZone);
  const nowUs = BigInt(Date.now()) * 1000n;
  const named = JSON.stringify(month.slice(0, 20));
  if (span === undefined) throw invalid('month', `${named} is not a month like 2026-11`, 'month_invalid');
  if (span.fromUs > nowUs) throw invalid('month', `${named} has not begun`, 'month_in_future');
  if (span.toUs <= openedAtUs)
    throw invalid('month', `${named} was over when the account was opened`, 'month_too_early');
  return { ...span, toUs: span.toUs < nowUs ? span.toUs : nowUs };
}

/** Pages of it as they are read, and at its end whether it is whole: what was there, with all that is listed, is what portfolio says is there then. */
async function* statement(parts: {
  portfolio: Clients['portfolio'];
  ask: Ask;
  account: Account;
  span: MonthSpan;
  charge: (lines: number) => void;
}): AsyncGenerator<string> {
  const { portfolio, ask, account, span, charge } = parts;
  const { currency } = account;
  const asked = { accountId: account.id, types: [], symbol: '', oldestFirst: true };
  const balanceLine = (type: string, atUs: bigint, balance: bigint, reference = ''): string =>
    lineOf({ time: isoFrom(atUs), type, balance: decimal(balance), currency, reference });

  let balance = 0n;
  let after = '';
  let isListed = false;
  for (let page = 0; page < MAX_PAGES && !isListed; page += 1) {
    const request = { ...asked, ...span, withBalance: page === 0, page: { first: PAGE, after } };
    const { activities, pageInfo, balanceBefore = balance } = await ask(() => portfolio.listActivities(request));
    let text = page === 0 ? csvLine(COLUMNS) + balanceLine('OPENING_BALANCE', span.fromUs, balanceBefore) : '';
    balance = balanceBefore;
    for (const activity of activities) {
      balance += activity.amount;
      text += activityLine(activity, balance);
    }
    charge(activities.length);
    yield text;
    isListed = pageInfo?.hasNextPage !== true;
    after = pageInfo?.endCursor ?? '';
  }
  if (!isListed) {
    yield balanceLine(
      'INCOMPLETE',
      span.toUs,
      balance,
      `${MAX_PAGES * PAGE} lines are the most; the API lists the rest`,
    );
    return;
  }
  const beyond = { ...asked, fromUs: span.toUs, toUs: 0n, withBalance: true, page: { first: 1, after: '' } };
  const { balanceBefore: closing } = await ask(() => portfolio.listActivities(beyond));
  if (closing === balance) yield balanceLine('CLOSING_BALANCE', span.toUs, balance);
  else yield balanceLine('INCOMPLETE', span.toUs, balance, 'something was booked while this was read; read it again');
}

function activityLine(activity: Activity, balance: bigint): string {
  const { occurredAtUs, type, symbol, qty, px, amount, currency, realizedPnl, reference, orderId, journalId } =
    activity;
  return lineOf({
    time: isoFrom(occurredAtUs),
    type: wordOf(type),
    symbol,
    quantity: qty === 0n ? '' : decimal(qty),
    price: px === 0n ? '' : decimal(px),
    amount: decimal(amount),
    balance: decimal(balance),
    currency,
    realizedPnl: isSale(activity) ? decimal(realizedPnl) : '',
    reference,
    orderId,
    journalId,
  });
}

const lineOf = (row: Row): string => csvLine(COLUMNS.map((column) => row[column] ?? ''));
const decimal = (micros: bigint): string => format(micros as Micros);

const PREFIX = 'ACTIVITY_TYPE_';
const words = new Map<ActivityType, string>(
  Object.entries(ActivityType).map(([name, value]) => [value, name.slice(PREFIX.length)]),
);
const wordOf = (type: ActivityType): string => words.get(type) ?? 'UNKNOWN';

/** Numbers of accounts are letters, digits and dashes; whatever else one had would have to be quoted. */
function fileName({ number }: Account, month: string): string {
  return `statement-${number.replaceAll(/[^\w-]/g, '')}-${month}.csv`;
}

/** No faster than it is taken: what waits to be sent is a page at the most. */
async function send(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) await once(response, 'drain', { signal });
}
