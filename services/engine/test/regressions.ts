import { type Command, MAX_QTY } from '../src/domain/command.ts';
import { type Body, cancel, instrument, limit, phase, quote, stop } from './flow.ts';

/**
 * Command sequences that once set the engine and the reference, or a replica and its original, apart; as small as they
 * could be made. Both property tests run them.
 */
export const regressions: [string, Body<Command>[]][] = [
  [
    'a quote whose quantity would leave the exact sums is refused whole',
    [instrument, phase('open'), limit(1, 'sell', MAX_QTY, 1), limit(2, 'sell', MAX_QTY, 1), quote([], [[5, 2]])],
  ],
  [
    'a house level in a reused row has no terms of the order before it',
    [instrument, phase('open'), stop(1, 'sell', 1, 1), cancel(1), quote([], [[5, 1]])],
  ],
];
