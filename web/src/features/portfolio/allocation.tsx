import { useAccountData } from '../../api/account.ts';
import { Amount } from '../../ui/amount.tsx';
import { barWidth, money, percent, ratioOf } from '../../ui/number.ts';
import { sharesOf } from './allocation-rules.ts';
import { Holdings } from './documents.ts';
import styles from './portfolio.module.css';

/** Of what the whole is made, by sector, cash included. */
export function Allocation({ cash, equity, currency }: { cash: string; equity: string; currency: string }) {
  const { data } = useAccountData(Holdings, {});
  const holdings = (data?.account?.holdings?.nodes ?? []).map(({ marketValue, costBasis, instrument }) => ({
    sector: instrument?.sector ?? 'Other',
    value: marketValue ?? costBasis,
  }));
  return (
    <ul className={styles.allocation}>
      {sharesOf(holdings, cash).map(({ name, value }) => (
        <li key={name}>
          <span>{name}</span>
          <span className={styles.share} aria-hidden="true">
            <i data-bar style={{ transform: `scaleX(${barWidth(value, equity)})` }} />
          </span>
          <span>{percent(ratioOf(value, equity))}</span>
          <Amount>{money(value, currency)}</Amount>
        </li>
      ))}
    </ul>
  );
}
