import { invalid } from '@andvari/kit/base/errors';

/** People say percent, the contracts say millionths of one: 5 % is "5" here and 50,000 there. */
const IN_PERCENT = 100n;

export function percentFrom(ratio: bigint): bigint {
  return ratio * IN_PERCENT;
}

export function ratioFrom(field: string, percent: bigint): bigint {
  if (percent % IN_PERCENT !== 0n) throw invalid(field, 'should have at most four decimals');
  return percent / IN_PERCENT;
}
