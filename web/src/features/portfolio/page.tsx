import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { type Account, useAccounts } from '../../api/account.ts';
import type { HistoryPeriod, StandingQuery } from '../../api/generated/graphql.ts';
import { useData } from '../../api/use-data.ts';
import { Amount } from '../../ui/amount.tsx';
import { Block, Empty, Notice, Page, Section } from '../../ui/block.tsx';
import { money, signedMoney, signedPercent, signOf } from '../../ui/number.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Allocation } from './allocation.tsx';
import { History, Standing } from './documents.ts';
import { EquityTable } from './equity-table.tsx';
import { gainedSince } from './gained.ts';
import { HoldingsGrid } from './holdings-grid.tsx';
import styles from './portfolio.module.css';

const EquityCurve = lazy(async () => ({ default: (await import('./equity-curve.tsx')).EquityCurve }));

const periods = [
  ['DAY', '1D'],
  ['WEEK', '1W'],
  ['MONTH', '1M'],
  ['QUARTER', '3M'],
  ['YEAR', '1Y'],
  ['ALL', 'All'],
] as const;

export function PortfolioPage() {
  const { account, isLoading, error, reload } = useAccounts();
  const standing = useData(Standing, { accountId: account?.accountId ?? '' }, { pause: account === undefined });
  if (account === undefined && !isLoading && error === undefined) {
    return (
      <Page title="Portfolio">
        <Empty>
          <p>There is no account yet.</p>
          <Link to="/welcome">Open one</Link>
        </Empty>
      </Page>
    );
  }
  const summary = standing.data?.account?.summary ?? undefined;
  return (
    <Page title="Portfolio" side={<Link to="/activity">Activity</Link>}>
      <Block
        data={summary}
        isLoading={isLoading || standing.isLoading}
        error={error ?? standing.error}
        reload={error === undefined ? standing.reload : reload}
        what="Your portfolio"
        frame={<Figures summary={undefined} />}
      >
        {(found) => <Figures summary={found} />}
      </Block>
      <Curve account={account} isLoading={isLoading} summary={summary} />
      <Section title="Positions">
        <HoldingsGrid equity={summary?.equity} />
      </Section>
      {summary !== undefined && (
        <Section title="Allocation">
          <Allocation cash={summary.cash} equity={summary.equity} currency={summary.currency} />
        </Section>
      )}
    </Page>
  );
}

type Summary = NonNullable<NonNullable<StandingQuery['account']>['summary']>;

function Figures({ summary }: { summary: Summary | undefined }) {
  const currency = summary?.currency ?? '';
  const signed: [string, string | undefined][] = [
    ['Today', summary?.dayPnl],
    ['Unrealised', summary?.unrealizedPnl],
    ['Realised', summary?.realizedPnl],
  ];
  return (
    <>
      <dl className={styles.figures}>
        <div data-main>
          <dt>Equity</dt>
          <dd>
            <Amount>{money(summary?.equity, currency)}</Amount>
          </dd>
        </div>
        {signed.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd data-sign={signOf(value)}>
              <Amount>{signedMoney(value, currency)}</Amount>
            </dd>
          </div>
        ))}
        <div>
          <dt>Cash</dt>
          <dd>
            <Amount>{money(summary?.cash, currency)}</Amount>
          </dd>
        </div>
        <div>
          <dt>Invested at cost</dt>
          <dd>
            <Amount>{money(summary?.costBasis, currency)}</Amount>
          </dd>
        </div>
      </dl>
      {summary !== undefined && summary.staleSymbols.length > 0 && (
        <Notice>Without a fresh price, so valued at cost: {summary.staleSymbols.join(', ')}.</Notice>
      )}
    </>
  );
}

function Curve({
  account,
  isLoading: isLookedFor,
  summary,
}: {
  account: Account | undefined;
  isLoading: boolean;
  summary: Summary | undefined;
}) {
  const { accountId = '', currency = '' } = account ?? {};
  const search = useSearch({ strict: false }) as { period?: string };
  const navigate = useNavigate();
  const [showsTable, setShowsTable] = useState(false);
  const period: HistoryPeriod = periods.find(([each]) => each === search.period?.toUpperCase())?.[0] ?? 'MONTH';
  const { data, isLoading, error, reload } = useData(History, { accountId, period }, { pause: account === undefined });
  const history = data?.account?.history;
  return (
    <Section
      title="Equity"
      side={
        <Segmented
          label="Period"
          options={periods}
          value={period}
          onPick={(next) =>
            void navigate({ to: '/portfolio', search: { period: next.toLowerCase() }, replace: true } as never)
          }
        />
      }
    >
      <Block
        data={history}
        isLoading={isLoading || isLookedFor}
        error={error}
        reload={reload}
        what="The history"
        isEmpty={({ points }) => points.length < 2}
        empty={<div className={styles.curveless}>The history begins with the first day.</div>}
        frame={
          <>
            <CurveHead currency={currency} />
            <div className={styles.curve} />
          </>
        }
      >
        {({ points, timeWeightedReturn, stepSeconds, ...base }) => (
          <>
            <CurveHead currency={currency} timeWeightedReturn={timeWeightedReturn} gained={gainedSince(base, summary)}>
              <button
                type="button"
                className="link"
                aria-expanded={showsTable}
                onClick={() => setShowsTable(!showsTable)}
              >
                {showsTable ? 'As a curve' : 'As a table'}
              </button>
            </CurveHead>
            {showsTable ? (
              <EquityTable points={points} stepSeconds={stepSeconds} currency={currency} />
            ) : (
              <div className={styles.curve}>
                <Suspense>
                  <EquityCurve points={points} currency={currency} />
                </Suspense>
              </div>
            )}
          </>
        )}
      </Block>
    </Section>
  );
}

function CurveHead({
  currency,
  timeWeightedReturn,
  gained,
  children,
}: {
  currency: string;
  timeWeightedReturn?: string;
  gained?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <p className={styles.curveHead}>
      <span>
        Time-weighted return <strong data-sign={signOf(timeWeightedReturn)}>{signedPercent(timeWeightedReturn)}</strong>
      </span>
      <span>
        Gained{' '}
        <strong data-sign={signOf(gained)}>
          <Amount>{signedMoney(gained, currency)}</Amount>
        </strong>
      </span>
      {children}
    </p>
  );
}
