import { GroupType as GroupTypeMessage } from '@andvari/proto/engine/v1/commands';
import {
  ActivityType as ActivityTypeMessage,
  FundingState as FundingStateMessage,
  FundingType as FundingTypeMessage,
  HistoryPeriod,
  AccountKind as KindMessage,
  AccountStatus as StatusMessage,
} from '@andvari/proto/portfolio/v1/portfolio';
import type { AccountKind, AccountStatus } from '../domain/account.ts';
import type { ActivityType } from '../domain/activity.ts';
import type { FundingState, FundingType } from '../domain/funding.ts';
import type { GroupType } from '../domain/group.ts';
import type { Period } from '../domain/period.ts';

/** The domain's words and the contract's, one table a set; what a request says is read through the inverse. */
export const accountKindTo: Record<AccountKind, KindMessage> = {
  savings: KindMessage.ACCOUNT_KIND_SAVINGS,
  chequing: KindMessage.ACCOUNT_KIND_CHEQUING,
  investment: KindMessage.ACCOUNT_KIND_INVESTMENT,
};

export const accountStatusTo: Record<AccountStatus, StatusMessage> = {
  active: StatusMessage.ACCOUNT_STATUS_ACTIVE,
  restricted: StatusMessage.ACCOUNT_STATUS_RESTRICTED,
  closed: StatusMessage.ACCOUNT_STATUS_CLOSED,
};

export const activityTypeTo: Record<ActivityType, ActivityTypeMessage> = {
  buy: ActivityTypeMessage.ACTIVITY_TYPE_BUY,
  sell: ActivityTypeMessage.ACTIVITY_TYPE_SELL,
  deposit: ActivityTypeMessage.ACTIVITY_TYPE_DEPOSIT,
  withdrawal: ActivityTypeMessage.ACTIVITY_TYPE_WITHDRAWAL,
  transfer_in: ActivityTypeMessage.ACTIVITY_TYPE_TRANSFER_IN,
  transfer_out: ActivityTypeMessage.ACTIVITY_TYPE_TRANSFER_OUT,
  fee: ActivityTypeMessage.ACTIVITY_TYPE_FEE,
  adjustment: ActivityTypeMessage.ACTIVITY_TYPE_ADJUSTMENT,
  dividend: ActivityTypeMessage.ACTIVITY_TYPE_DIVIDEND,
  split: ActivityTypeMessage.ACTIVITY_TYPE_SPLIT,
};

export const fundingTypeTo: Record<FundingType, FundingTypeMessage> = {
  deposit: FundingTypeMessage.FUNDING_TYPE_DEPOSIT,
  withdrawal: FundingTypeMessage.FUNDING_TYPE_WITHDRAWAL,
};

export const fundingStateTo: Record<FundingState, FundingStateMessage> = {
  requested: FundingStateMessage.FUNDING_STATE_REQUESTED,
  held: FundingStateMessage.FUNDING_STATE_HELD,
  sent: FundingStateMessage.FUNDING_STATE_SENT,
  settled: FundingStateMessage.FUNDING_STATE_SETTLED,
  returned: FundingStateMessage.FUNDING_STATE_RETURNED,
  failed: FundingStateMessage.FUNDING_STATE_FAILED,
};

export const periodTo: Record<Period, HistoryPeriod> = {
  '1D': HistoryPeriod.HISTORY_PERIOD_DAY,
  '1W': HistoryPeriod.HISTORY_PERIOD_WEEK,
  '1M': HistoryPeriod.HISTORY_PERIOD_MONTH,
  '3M': HistoryPeriod.HISTORY_PERIOD_QUARTER,
  '1Y': HistoryPeriod.HISTORY_PERIOD_YEAR,
  ALL: HistoryPeriod.HISTORY_PERIOD_ALL,
};

export const groupTypeTo: Record<GroupType, GroupTypeMessage> = {
  bracket: GroupTypeMessage.GROUP_TYPE_BRACKET,
  oco: GroupTypeMessage.GROUP_TYPE_OCO,
  oto: GroupTypeMessage.GROUP_TYPE_OTO,
};
