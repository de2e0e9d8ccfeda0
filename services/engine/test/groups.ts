import { GroupKind, OrderType } from '../src/domain/codes.ts';
import type { Command, OrderTerms } from '../src/domain/command.ts';
import { type Body, owner, terms } from './flow.ts';

/** A group of user 50; a number is for kinds that there are not. */
export function group(kind: keyof typeof GroupKind | number, ...orders: OrderTerms[]): Body<Command> {
  const code = (typeof kind === 'number' ? kind : GroupKind[kind]) as GroupKind;
  return { kind: 'place_group', symbol: 'ACME', ...owner(50), group: code, orders };
}

/** Entry 51 buys 10 at 100; exits: 52 sells at 110, 53 stops at 90. */
export const entry = terms(51, 'buy', 10, { limitPrice: 100 });
export const profit = terms(52, 'sell', 10, { limitPrice: 110 });
export const stopLoss = terms(53, 'sell', 10, { type: OrderType.stop, stopPrice: 90, collarOffset: 10 });
export const bracket = group('bracket', entry, profit, stopLoss);
export const oto = group('oto', entry, profit);
export const oco = group('oco', profit, stopLoss);
