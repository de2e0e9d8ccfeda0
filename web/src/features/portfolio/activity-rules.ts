import { minus } from '../../ui/number.ts';

export const activityWords: Record<string, string> = {
  BUY: 'Bought',
  SELL: 'Sold',
  DEPOSIT: 'Deposit',
  WITHDRAWAL: 'Withdrawal',
  TRANSFER_IN: 'Transfer in',
  TRANSFER_OUT: 'Transfer out',
  FEE: 'Fee',
  ADJUSTMENT: 'Adjustment',
  DIVIDEND: 'Dividend',
  SPLIT: 'Split',
  UNKNOWN: '–',
};

/** The page of what it came from: its order, or the deposits and transfers; undefined where there is none. */
export function originOf({ type, orderId }: { type: string; orderId: string | null }): Origin | undefined {
  if (orderId !== null) return { to: '/orders', search: { order: orderId } };
  return ofFunding.has(type) ? { to: '/funding' } : undefined;
}

export interface Origin {
  to: string;
  search?: Record<string, string>;
}

const ofFunding = new Set(['DEPOSIT', 'WITHDRAWAL', 'TRANSFER_IN', 'TRANSFER_OUT']);

/** Newest first: the balance after the newest is what is there now, and each before it is less what came. */
export function withBalances<Row extends { amount: string }>(
  rows: readonly Row[],
  cashNow: string | undefined,
): (Row & { balance: string | undefined })[] {
  let balance = cashNow;
  return rows.map((row) => {
    const here = balance;
    if (balance !== undefined) balance = minus(balance, row.amount);
    return { ...row, balance: here };
  });
}
