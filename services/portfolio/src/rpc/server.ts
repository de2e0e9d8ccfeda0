import { authorize, authorizeAny, requireRecentSignIn } from '@andvari/kit/handler/authorize';
import { reasonFrom, requireAtMost, requireText, requireUuid } from '@andvari/kit/handler/inputs';
import { pageFrom, pageOf } from '@andvari/kit/handler/page';
import { serve } from '@andvari/kit/rpc/server';
import type { Caller } from '@andvari/proto/common/v1/common';
import { PortfolioServiceService, type VerifyResponse } from '@andvari/proto/portfolio/v1/portfolio';
import type { App } from '../app/app.ts';
import { refusal } from '../app/refusals.ts';
import type { OpenedAccount } from '../domain/account.ts';
import { accountKindTo, activityTypeTo, periodTo } from '../messages/codes.ts';
import { accountTo, fundingTo } from '../messages/shared.ts';
import { allowOn, allowOrders } from './allow.ts';
import {
  activityTo,
  adjustmentFrom,
  buyingPowerTo,
  deadLetterTo,
  feeScheduleFrom,
  feeScheduleTo,
  feesAskedFrom,
  findingTo,
  groupFrom,
  historyTo,
  holdingTo,
  lotTo,
  quotesFrom,
  replacementIn,
  reservationFrom,
  summaryTo,
} from './convert.ts';
import { importingHandlers } from './importing.ts';
import {
  amountFrom,
  codeFrom,
  currencyFrom,
  keyFrom,
  MAX_REASON,
  nameFrom,
  optionalTimeFrom,
  symbolFrom,
} from './inputs.ts';
import { textCursor, timeCursor } from './pages.ts';

const MAX_QUOTES = 10_000;
const MAX_TYPES = 20;
const MAX_LEGS = 3;
/** A century of months. */
const MAX_BOUNDS = 1201;
const MAX_LETTERS = 100;

export function portfolioRpc(app: App, options: { development: boolean }) {
  const { accounts, trading, fundings, transfers, adjustments, feeSchedules, monitor, reading, deadLetters } = app;

  /** The account, if the caller may do this to it. */
  async function allowed(caller: Caller, permission: string, id: string, field = 'account_id'): Promise<OpenedAccount> {
    requireUuid(field, id);
    return allowOn(caller, permission, await accounts.find(id), () => refusal('account_not_found', { field }));
  }

  async function fund(caller: Caller, type: 'deposit' | 'withdrawal', request: FundRequest) {
    const key = keyFrom(request.idempotencyKey);
    const named = request.currency === '' ? undefined : currencyFrom('currency', request.currency);
    const amount = amountFrom('amount', request.amount);
    const { id, userId, currency: kept } = await allowed(caller, 'funding:create', request.accountId);
    const currency = named ?? kept;
    return { funding: fundingTo(await fundings.request({ type, accountId: id, userId, currency, amount, key })) };
  }

  return serve(PortfolioServiceService, {
    ...importingHandlers(app, options),

    async openAccount({ userId, kind, currency, name, idempotencyKey }, { caller }) {
      requireUuid('user_id', userId);
      authorize(caller, 'account:open', userId);
      const account = await accounts.open({
        userId,
        kind: codeFrom('kind', accountKindTo, kind),
        currency: currencyFrom('currency', currency),
        name: nameFrom('name', name),
        key: keyFrom(idempotencyKey),
      });
      return { account: accountTo(account) };
    },

    async renameAccount({ accountId, name }, { caller }) {
      const { id } = await allowed(caller, 'account:update', accountId);
      return { account: accountTo(await accounts.rename(id, nameFrom('name', name))) };
    },

    async closeAccount({ accountId }, { caller }) {
      const { id } = await allowed(caller, 'account:close', accountId);
      return { account: accountTo(await accounts.close(id)) };
    },

    async getAccount({ accountId }, { caller }) {
      return { account: accountTo(await allowed(caller, 'account:read', accountId)) };
    },

    async listAccounts({ userId, includeClosed, page: request }, { caller }) {
      requireUuid('user_id', userId);
      authorize(caller, 'account:read', userId);
      const page = pageFrom(request, 2);
      const cursor = timeCursor(page);
      const after = cursor && { openedAtUs: cursor.us, id: cursor.id };
      const found = await accounts.list({ userId, includeClosed, after, limit: page.first + 1 });
      const { rows, pageInfo } = pageOf(found, page, ({ openedAtUs, id }) => [openedAtUs.toString(), id]);
      return { accounts: rows.map(accountTo), pageInfo };
    },

    async reserve(request, { caller }) {
      allowOrders(caller);
      requireUuid('order_id', request.orderId);
      requireUuid('account_id', request.accountId);
      if (request.replaces !== undefined && request.replaces !== '') requireUuid('replaces', request.replaces);
      const asked = reservationFrom(request, caller.userId);
      const { remaining, availableAfter, repeated } =
        request.dryRun === true ? await trading.wouldReserve(replacementIn(asked)) : await trading.reserve(asked);
      return { orderId: request.orderId, remaining, availableAfter, repeatedRequest: repeated };
    },

    async reserveGroup(request, { caller }) {
      allowOrders(caller);
      requireUuid('group_id', request.groupId);
      requireUuid('account_id', request.accountId);
      requireAtMost('legs', request.legs, MAX_LEGS);
      for (const [place, { orderId }] of request.legs.entries()) requireUuid(`legs[${place}].order_id`, orderId);
      return { repeatedRequest: await trading.reserveGroup(groupFrom(request, caller.userId)) };
    },

    async release({ orderId, accountId, reason }, { caller }) {
      allowOrders(caller);
      requireUuid('order_id', orderId);
      requireUuid('account_id', accountId);
      requireText('reason', reason, { max: MAX_REASON });
      const { userId } = caller;
      return { released: await trading.release({ orderId, accountId, ...(userId === '' ? {} : { userId }) }) };
    },

    async getReservation({ orderId }, { caller }) {
      allowOrders(caller);
      requireUuid('order_id', orderId);
      return trading.heldForOrder(orderId);
    },

    async estimateFees(request, { caller }) {
      allowOrders(caller);
      return { fees: await trading.fees(feesAskedFrom(request)) };
    },

    async getBuyingPower({ accountId, currency }, { caller }) {
      const account = await allowed(caller, 'portfolio:read', accountId);
      if (currency !== '' && currencyFrom('currency', currency) !== account.currency) throw refusal('wrong_currency');
      return buyingPowerTo(account.currency, await trading.buyingPower(account));
    },

    async listHoldings({ accountId, page: request }, { caller }) {
      const account = await allowed(caller, 'portfolio:read', accountId);
      const page = pageFrom(request, 1);
      const found = await reading.holdings({ accountId, after: textCursor(page), limit: page.first + 1 });
      const { rows, pageInfo } = pageOf(found, page, ({ symbol }) => [symbol]);
      return { holdings: rows.map((held) => holdingTo(held, account)), pageInfo };
    },

    async listLots({ accountId, symbol, includeClosed, page: request }, { caller }) {
      await allowed(caller, 'portfolio:read', accountId);
      if (symbol !== '') symbolFrom('symbol', symbol);
      const page = pageFrom(request, 1);
      const after = textCursor(page, /^\d{1,18}$/);
      const found = await reading.lots({ accountId, symbol, includeClosed, after, limit: page.first + 1 });
      const { rows, pageInfo } = pageOf(found, page, ({ sequence }) => [sequence.toString()]);
      return { lots: rows.map(lotTo), pageInfo };
    },

    async listActivities(request, { caller }) {
      const { accountId, types, symbol, oldestFirst, withBalance } = request;
      await allowed(caller, 'portfolio:read', accountId);
      if (symbol !== '') symbolFrom('symbol', symbol);
      requireAtMost('types', types, MAX_TYPES);
      const page = pageFrom(request.page, 2);
      const cursor = timeCursor(page);
      const fromUs = optionalTimeFrom('from_us', request.fromUs);
      const found = await reading.activities({
        accountId,
        types: types.map((type, index) => codeFrom(`types[${index}]`, activityTypeTo, type)),
        symbol,
        fromUs,
        toUs: optionalTimeFrom('to_us', request.toUs),
        after: cursor && { occurredAtUs: cursor.us, id: cursor.id },
        oldestFirst,
        limit: page.first + 1,
      });
      const { rows, pageInfo } = pageOf(found, page, ({ occurredAtUs, id }) => [occurredAtUs.toString(), id]);
      const before = withBalance ? { balanceBefore: await reading.cashBefore(accountId, fromUs) } : {};
      return { activities: rows.map(activityTo), pageInfo, ...before };
    },

    async listActiveSpans({ accountId, boundsUs }, { caller }) {
      await allowed(caller, 'portfolio:read', accountId);
      requireAtMost('bounds_us', boundsUs, MAX_BOUNDS);
      for (const [index, bound] of boundsUs.entries()) optionalTimeFrom(`bounds_us[${index}]`, bound);
      return { startsUs: await reading.activeSpans(accountId, boundsUs) };
    },

    async getSummary({ accountId, quotes }, { caller }) {
      const account = await allowed(caller, 'portfolio:read', accountId);
      requireAtMost('quotes', quotes, MAX_QUOTES);
      return summaryTo(account.currency, await reading.summary(account, quotesFrom(quotes)));
    },

    async getHistory({ accountId, period }, { caller }) {
      const account = await allowed(caller, 'portfolio:read', accountId);
      return historyTo(await reading.history(account, codeFrom('period', periodTo, period)));
    },

    deposit: (request, { caller }) => fund(caller, 'deposit', request),

    withdraw: (request, { caller }) => fund(caller, 'withdrawal', request),

    async transfer({ fromAccountId, toAccountId, amount: asked, idempotencyKey }, { caller }) {
      const key = keyFrom(idempotencyKey);
      const amount = amountFrom('amount', asked);
      const from = await allowed(caller, 'transfer:create', fromAccountId, 'from_account_id');
      const to = await allowed(caller, 'transfer:create', toAccountId, 'to_account_id');
      // Whoever may touch both: money does not change hands this way.
      if (from.userId !== to.userId) throw refusal('account_not_found', { field: 'to_account_id' });
      return transfers.transfer({ from, to, amount, key });
    },

    async getFunding({ fundingId }, { caller }) {
      requireUuid('funding_id', fundingId);
      return {
        funding: fundingTo(
          allowOn(caller, 'funding:read', await fundings.find(fundingId), () => refusal('funding_not_found')),
        ),
      };
    },

    async listFundings({ accountId, page: request }, { caller }) {
      await allowed(caller, 'funding:read', accountId);
      const page = pageFrom(request, 2);
      const cursor = timeCursor(page);
      const after = cursor && { requestedAtUs: cursor.us, id: cursor.id };
      const found = await fundings.list({ accountId, after, limit: page.first + 1 });
      const { rows, pageInfo } = pageOf(found, page, ({ requestedAtUs, id }) => [requestedAtUs.toString(), id]);
      return { fundings: rows.map(fundingTo), pageInfo };
    },

    async adjust(request, { caller }) {
      authorizeAny(caller, 'ledger:adjust');
      return adjustments.adjust({ ...adjustmentFrom(request), operatorId: caller.userId });
    },

    async setFeeSchedule({ schedule }, { caller }) {
      authorizeAny(caller, 'fee_schedule:set');
      return { schedule: feeScheduleTo(await feeSchedules.set(feeScheduleFrom(schedule), caller.userId)) };
    },

    async listFeeSchedules({ page: request }, { caller }) {
      if (!caller.scopes.includes('fee_schedule:set')) authorize(caller, 'portfolio:read', caller.userId);
      const page = pageFrom(request, 1);
      const before = textCursor(page, /^\d{1,18}$/);
      const found = await feeSchedules.list({
        before: before === undefined ? undefined : BigInt(before),
        limit: page.first + 1,
      });
      const { rows, pageInfo } = pageOf(found, page, ({ effectiveFrom }) => [effectiveFrom.toString()]);
      return { schedules: rows.map(feeScheduleTo), pageInfo };
    },

    async listDeadLetters({ consumer, page: request }, { caller }) {
      authorizeAny(caller, 'ledger:verify');
      requireText('consumer', consumer, { max: 100 });
      const page = pageFrom(request, 1);
      const after = textCursor(page, /^[0-9a-f-]{36}$/);
      const found = await deadLetters.list({
        ...(consumer === '' ? {} : { consumer }),
        ...(after === undefined ? {} : { after }),
        limit: page.first + 1,
      });
      const { rows, pageInfo } = pageOf(found, page, ({ id }) => [id]);
      return { letters: rows.map(deadLetterTo), pageInfo };
    },

    async requeueDeadLetters({ ids }, { caller }) {
      authorizeAny(caller, 'ledger:adjust');
      requireLetters(ids);
      const letters = await deadLetters.requeue(ids, caller.userId);
      return { letters: letters.map(deadLetterTo) };
    },

    async dropDeadLetters({ ids, reason }, { caller }) {
      authorizeAny(caller, 'ledger:adjust');
      requireRecentSignIn(caller);
      requireLetters(ids);
      await deadLetters.drop(ids, caller.userId, reasonFrom('reason', reason));
      return {};
    },

    async *verify(_, { caller }): AsyncGenerator<VerifyResponse> {
      authorizeAny(caller, 'ledger:verify');
      const verification = monitor.findings();
      let next = await verification.next();
      try {
        for (; next.done !== true; next = await verification.next()) {
          yield { kind: { $case: 'finding', value: findingTo(next.value) } };
        }
      } finally {
        // A reader who leaves early gives the connection back.
        await verification.return(undefined as never);
      }
      const { journals, entries, ledgerAccounts, reservations, positions, findings } = next.value;
      const value = {
        journalsChecked: journals,
        entriesChecked: entries,
        ledgerAccountsChecked: ledgerAccounts,
        reservationsChecked: reservations,
        positionsChecked: positions,
        findings,
      };
      yield { kind: { $case: 'summary', value } };
    },
  });
}

function requireLetters(ids: readonly string[]): void {
  requireAtMost('ids', ids, MAX_LETTERS);
  for (const [index, id] of ids.entries()) requireUuid(`ids[${index}]`, id);
}

type FundRequest = {
  readonly accountId: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly idempotencyKey: string;
};
