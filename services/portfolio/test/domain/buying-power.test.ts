import { toMicros } from '@andvari/money';
import { describe, expect, test } from 'vitest';
import type { AccountStatus } from '../../src/domain/account.ts';
import { buyingPower } from '../../src/domain/buying-power.ts';

describe('buying power', () => {
  type Row = [
    rule: string,
    status: AccountStatus,
    posted: bigint,
    orders: bigint,
    withdrawals: bigint,
    times: bigint,
    power: bigint,
  ];
  const rows: Row[] = [
    ['is what is posted', 'active', 1000n, 0n, 0n, 1_000_000n, 1000n],
    ['less what orders hold', 'active', 1000n, 300n, 0n, 1_000_000n, 700n],
    ['less what withdrawals hold', 'active', 1000n, 300n, 200n, 1_000_000n, 500n],
    ['times the multiplier, rounded down', 'active', 1001n, 0n, 0n, 1_500_000n, 1501n],
    ['never below zero', 'active', 100n, 300n, 0n, 1_000_000n, 0n],
    ['nothing in a restricted account', 'restricted', 1000n, 0n, 0n, 1_000_000n, 0n],
    ['nothing in a closed account', 'closed', 1000n, 0n, 0n, 1_000_000n, 0n],
  ];
  test.each(rows)('%s', (_, accountStatus, posted, orders, withdrawals, multiplier, power) => {
    const inputs = {
      accountStatus,
      cashPosted: toMicros(posted),
      reservedForOrders: toMicros(orders),
      reservedForWithdrawals: toMicros(withdrawals),
      multiplier,
    };
    const result = buyingPower(inputs);
    expect(result.buyingPower).toBe(power);
    // Every input is in the answer, and the parts add up.
    expect(result).toMatchObject(inputs);
    expect([result.cashReserved, result.cashAvailable]).toEqual([orders + withdrawals, posted - orders - withdrawals]);
  });
});
