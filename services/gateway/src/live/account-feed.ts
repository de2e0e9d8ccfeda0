import { subjectOf } from '@andvari/kit/events/event';
import { accountPartitionOf } from '@andvari/kit/events/partition';
import { repeatsCommand } from '@andvari/kit/events/repeated-command';
import { subjectFilter } from '@andvari/kit/events/subject-filter';
import type { Nats } from '@andvari/kit/nats/nats';
import type { StreamMessage } from '@andvari/kit/nats/read-log';
import type { Scope } from '@andvari/kit/process/scope';
import { isCurrency } from '@andvari/money/currency';
import { ExecType, type ExecutionReport } from '@andvari/proto/engine/v1/reports';
import {
  adjustmentPosted,
  dividendPaid,
  executionReport,
  fillSettled,
  fundingChanged,
  notificationCreated,
  orderPlaced,
  splitApplied,
  transferPosted,
} from '@andvari/proto/events';
import type { OrderPlaced } from '@andvari/proto/order/v1/events';
import type { NotificationCreated } from '@andvari/proto/user/v1/events';
import { endable } from './endable.ts';
import { type Part, type Places, readSeveral, type SeveralDelivery } from './several-streams.ts';
import { type SharedStream, shareStream } from './shared-stream.ts';

/** What happens to one account, from whichever service it comes. */
export type AccountItem =
  | { readonly kind: 'placed'; readonly placed: OrderPlaced }
  | { readonly kind: 'report'; readonly report: ExecutionReport }
  | { readonly kind: 'ledger'; readonly ledger: LedgerNews; readonly atUs: bigint }
  | { readonly kind: 'notification'; readonly notification: NotificationCreated };

export interface LedgerNews {
  readonly what:
    | 'fill_settled'
    | 'funding_changed'
    | 'transfer_posted'
    | 'adjustment_posted'
    | 'split_applied'
    | 'dividend_paid';
  readonly orderId: string;
  readonly symbol: string;
  readonly fundingId: string;
}

type SourceName = 'orders' | 'executions' | 'ledger' | 'inbox';
/** `fills` are those of the executions that traded something. */
export type PartName = SourceName | 'fills';

export interface Whose {
  readonly accountId: string;
  readonly userId: string;
}

/** A report with all that it says of its order, which of most is there already; undefined where nobody has to be told. */
export type CompleteReport = (report: ExecutionReport, signal: AbortSignal) => Promise<ExecutionReport | undefined>;

/** The streams of accounts, each read by one consumer of this gateway however many listen. */
export interface AccountFeed {
  read(
    whose: Whose,
    parts: readonly PartName[],
    options: { since: Places | undefined; signal: AbortSignal; complete: CompleteReport },
  ): AsyncIterable<SeveralDelivery<AccountItem>>;
  /** Told whenever something may have changed what the account has: money, shares, or what is held of them. */
  watch(accountId: string, onChange: () => void): Promise<() => void>;
  readonly readers: number;
}

export interface AccountFeedOptions {
  maxWaiting: number;
  onMissed: (count: number) => void;
}

export function openAccountFeed(scope: Scope, nats: Nats, options: AccountFeedOptions): AccountFeed {
  const follow = (stream: string, subject: string, keyOf = lastToken) =>
    shareStream(scope, nats, { stream, subject, keyOf });
  const sources: Record<SourceName, SharedStream> = {
    orders: follow(orderPlaced.stream, everyOneOf(orderPlaced.subject)),
    executions: follow(executionReport.stream, everyOneOf(executionReport.subject), (it) => it.split('.')[2] ?? ''),
    ledger: follow(fillSettled.stream, LEDGER),
    inbox: follow(notificationCreated.stream, everyOneOf(notificationCreated.subject)),
  };

  return {
    read(whose, names, { since, signal: outer, complete }) {
      const parts = names.map(
        (name): Part<AccountItem> => partOf[name](sources[name === 'fills' ? 'executions' : name], whose),
      );
      return endable(outer, (signal) =>
        completeReports(readSeveral(parts, { nats, since, ...options }, signal), complete, signal),
      );
    },

    async watch(accountId, onChange) {
      const watched: SourceName[] = ['orders', 'executions', 'ledger'];
      const leave = await Promise.all(watched.map((name) => sources[name].join(accountId, onChange)));
      return () => {
        for (const left of leave) left();
      };
    },

    get readers() {
      return Object.values(sources).reduce((all, { readers }) => all + readers, 0);
    },
  };
}

async function* completeReports(
  deliveries: AsyncIterable<SeveralDelivery<AccountItem>>,
  complete: CompleteReport,
  signal: AbortSignal,
): AsyncGenerator<SeveralDelivery<AccountItem>, undefined> {
  for await (const delivery of deliveries) {
    if (delivery.kind !== 'item' || delivery.item.kind !== 'report') {
      yield delivery;
    } else {
      const report = await complete(delivery.item.report, signal);
      if (report !== undefined) yield { ...delivery, item: { kind: 'report', report } };
    }
  }
}

const partOf: Record<PartName, (source: SharedStream, whose: Whose) => Part<AccountItem>> = {
  orders: (source, { accountId }) => ({
    source,
    key: accountId,
    subject: subjectOf(orderPlaced, { accountId } as OrderPlaced),
    read: ({ payload }) => ({ kind: 'placed', placed: orderPlaced.codec.decode(payload) }),
  }),
  executions: (source, { accountId }) => ({
    source,
    key: accountId,
    subject: reportsOf(accountId),
    read: ({ payload }) => {
      const report = executionReport.codec.decode(payload);
      return repeatsCommand(report) ? undefined : { kind: 'report', report };
    },
  }),
  fills: (source, { accountId }) => ({
    source,
    key: accountId,
    subject: reportsOf(accountId),
    read: ({ payload }) => {
      const report = executionReport.codec.decode(payload);
      return report.execType === ExecType.EXEC_TYPE_FILL ? { kind: 'report', report } : undefined;
    },
  }),
  ledger: (source, { accountId }) => ({
    source,
    key: accountId,
    subject: `portfolio.*.*.${accountId}`,
    read: ledgerItem,
  }),
  inbox: (source, { userId }) => ({
    source,
    key: userId,
    subject: subjectOf(notificationCreated, { userId } as NotificationCreated),
    read: ({ payload }) => ({ kind: 'notification', notification: notificationCreated.codec.decode(payload) }),
  }),
};

const reportsOf = (accountId: string): string =>
  subjectFilter(executionReport, { account_partition: accountPartitionOf(accountId), account_id: accountId });

/** Events of the ledger end with the account; those of symbols pass by, because no account is called so. */
const LEDGER = 'portfolio.*.*.*';

const nothing = { orderId: '', symbol: '', fundingId: '' };

/** By the words of the subject before the account. */
const ledgerNews: Readonly<Record<string, (payload: Uint8Array) => LedgerNews>> = {
  [headOf(fillSettled.subject)]: (payload) => {
    const { orderId, symbol } = fillSettled.codec.decode(payload);
    return { ...nothing, what: 'fill_settled', orderId, symbol };
  },
  [headOf(fundingChanged.subject)]: (payload) => {
    const { funding } = fundingChanged.codec.decode(payload);
    return { ...nothing, what: 'funding_changed', fundingId: funding?.id ?? '' };
  },
  [headOf(transferPosted.subject)]: () => ({ ...nothing, what: 'transfer_posted' }),
  [headOf(adjustmentPosted.subject)]: (payload) => {
    const { asset } = adjustmentPosted.codec.decode(payload);
    return { ...nothing, what: 'adjustment_posted', symbol: isCurrency(asset) ? '' : asset };
  },
  [headOf(splitApplied.subject)]: (payload) => {
    return { ...nothing, what: 'split_applied', symbol: splitApplied.codec.decode(payload).symbol };
  },
  [headOf(dividendPaid.subject)]: (payload) => {
    return { ...nothing, what: 'dividend_paid', symbol: dividendPaid.codec.decode(payload).symbol };
  },
};

function ledgerItem({ subject, payload, atUs }: StreamMessage): AccountItem | undefined {
  const read = ledgerNews[headOf(subject)];
  return read === undefined ? undefined : { kind: 'ledger', ledger: read(payload), atUs: BigInt(atUs) };
}

function lastToken(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

function headOf(subject: string): string {
  return subject.slice(0, subject.lastIndexOf('.'));
}

function everyOneOf(subject: string): string {
  return subject.replaceAll(/\{\w+\}/g, '*');
}
