import { Amount } from '../../ui/amount.tsx';
import { ChartTable } from '../../ui/chart-table.tsx';
import { money, signedMoney, signOf } from '../../ui/number.ts';
import { day, when } from '../../ui/time.ts';
import styles from './portfolio.module.css';

interface Point {
  at: string;
  equity: string;
  cashFlow: string;
}

/** What the curve draws, as numbers: the newest first. */
export function EquityTable({
  points,
  stepSeconds,
  currency,
}: {
  points: readonly Point[];
  stepSeconds: number;
  currency: string;
}) {
  const time = stepSeconds < DAY_SECONDS ? when : day;
  return (
    <ChartTable label="Equity over time" heads={heads} frame={styles.points}>
      {points.toReversed().map(({ at, equity, cashFlow }, back) => (
        <tr key={at}>
          <th scope="row">{back === 0 ? 'Now' : time(at)}</th>
          <td>
            <Amount>{money(equity, currency)}</Amount>
          </td>
          <td>{signOf(cashFlow) === 'flat' ? '' : <Amount>{signedMoney(cashFlow, currency)}</Amount>}</td>
        </tr>
      ))}
    </ChartTable>
  );
}

const heads = ['Time', 'Equity', 'In or out'];
const DAY_SECONDS = 86_400;
