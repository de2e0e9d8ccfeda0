import { toMicros } from '@andvari/money';
import { format, microsOf } from '@andvari/money/decimal';
import { order } from '../../ui/number.ts';

export interface Member {
  symbol: string;
  sector: string;
  changeRatio: string;
}

export interface Sector {
  name: string;
  members: number;
  /** Each member counts the same. */
  changeRatio: string;
  best: Member;
  worst: Member;
}

/** How the parts of the market do, the best first. */
export function sectorsOf(members: readonly Member[]): Sector[] {
  return [...Map.groupBy(members, ({ sector }) => sector)]
    .flatMap(([name, all]) => {
      const sorted = all.toSorted((left, right) => order(right.changeRatio, left.changeRatio));
      const [best] = sorted;
      const worst = sorted.at(-1);
      if (name === '' || best === undefined || worst === undefined) return [];
      const sum = all.reduce((total, { changeRatio }) => total + microsOf(changeRatio), 0n);
      return [{ name, members: all.length, changeRatio: format(toMicros(sum / BigInt(all.length))), best, worst }];
    })
    .toSorted((left, right) => order(right.changeRatio, left.changeRatio));
}
