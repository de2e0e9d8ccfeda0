import { useNavigate, useSearch } from '@tanstack/react-router';
import { InstrumentPage } from '../features/instrument/page.tsx';
import { OpenCount, OrderTab } from '../features/orders/order-tab.tsx';
import { ActivityGrid } from '../features/portfolio/activity-grid.tsx';
import { HoldingsGrid } from '../features/portfolio/holdings-grid.tsx';
import { Tabs } from '../ui/segmented.tsx';
import styles from './trade-page.module.css';

/** The trade page, put together here because only the app knows more than one feature. */
export function TradePage() {
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const shown = tab === 'positions' || tab === 'activity' ? tab : 'orders';
  return (
    <InstrumentPage
      blotter={
        <section className={styles.blotter} aria-label="Orders and positions">
          <div className={styles.tabs}>
            <Tabs
              label="Which"
              value={shown}
              onPick={(next) =>
                void navigate({
                  to: '.',
                  search: (before: Record<string, unknown>) => ({
                    ...before,
                    tab: next === 'orders' ? undefined : next,
                  }),
                  replace: true,
                } as never)
              }
              tabs={[
                [
                  'orders',
                  <>
                    Orders <OpenCount />
                  </>,
                ],
                ['positions', 'Positions'],
                ['activity', 'Activity'],
              ]}
            />
          </div>
          <div className={styles.list} role="tabpanel" aria-label={shown}>
            {shown === 'orders' ? (
              <OrderTab />
            ) : shown === 'positions' ? (
              <HoldingsGrid isShort />
            ) : (
              <ActivityGrid filter={{}} />
            )}
          </div>
        </section>
      }
    />
  );
}
