import { type Micros, max, scale, subtract, ZERO } from '@andvari/money';
import type { AccountStatus } from './account.ts';

/** Every input of the formula, so that a client can be shown why an order does not fit. */
export type BuyingPowerInputs = {
  readonly accountStatus: AccountStatus;
  readonly cashPosted: Micros;
  readonly reservedForOrders: Micros;
  readonly reservedForWithdrawals: Micros;
  /** In micro-units of one; a cash account has 1_000_000n. Margin would raise it. */
  readonly multiplier: bigint;
};

export type BuyingPower = BuyingPowerInputs & {
  readonly cashReserved: Micros;
  readonly cashAvailable: Micros;
  readonly buyingPower: Micros;
};

export const CASH_ACCOUNT = 1_000_000n;

/** `(posted - reserved) * multiplier`, never below zero, and nothing for an account that may not trade. */
export function buyingPower(inputs: BuyingPowerInputs): BuyingPower {
  const cashReserved = subtract(inputs.reservedForOrders, subtract(ZERO, inputs.reservedForWithdrawals));
  const cashAvailable = subtract(inputs.cashPosted, cashReserved);
  const usable = inputs.accountStatus === 'active' ? max(cashAvailable, ZERO) : ZERO;
  return {
    ...inputs,
    cashReserved,
    cashAvailable,
    buyingPower: scale(usable, inputs.multiplier, CASH_ACCOUNT, 'down'),
  };
}
