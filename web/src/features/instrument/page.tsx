import { Link, useParams, useSearch } from '@tanstack/react-router';
import { type CSSProperties, type ReactNode, useEffect, useState } from 'react';
import { useAccounts } from '../../api/account.ts';
import type { InstrumentViewQuery } from '../../api/generated/graphql.ts';
import { isOpen } from '../../api/order-states.ts';
import { useData } from '../../api/use-data.ts';
import { useWatch } from '../../live/live-quote.tsx';
import { bookTopic, seedQuotes } from '../../live/market-feed.ts';
import { Block } from '../../ui/block.tsx';
import { Button } from '../../ui/button.tsx';
import { run } from '../../ui/commands.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { rememberSymbol } from '../../ui/recent.ts';
import { symbolIn } from '../../ui/symbol.ts';
import { ChartPanel } from './chart-panel.tsx';
import { InstrumentView, OwnFills, OwnOrders, TicketAccount } from './documents.ts';
import { draftFrom } from './draft.ts';
import styles from './instrument.module.css';
import { Ladder, Tape } from './ladder.tsx';
import { QuoteHeader, titleOf } from './quote-header.tsx';
import { Ticket } from './ticket.tsx';
import { useBlotterHeight } from './use-blotter-height.ts';
import { useIsNarrow } from './use-is-narrow.ts';
import { Watchlist } from './watchlist.tsx';

/** One screen to watch, decide, order and see what became of it. */
export function InstrumentPage({ blotter }: { blotter: ReactNode }) {
  const { symbol = '' } = useParams({ strict: false });
  const isNone = symbolIn(symbol) === undefined;
  const { data, isLoading, error, reload } = useData(InstrumentView, { symbol }, { pause: isNone });
  const instrument = data?.instrument;
  useEffect(() => seedQuotes([instrument?.quote]), [instrument]);
  useHaltsAsTold(symbol, instrument?.halted, reload);
  useEffect(() => {
    if (instrument == null) return undefined;
    rememberSymbol({ symbol: instrument.symbol, name: instrument.name });
    const name = (): void => void (document.title = `${titleOf(instrument.symbol)} · Andvari`);
    name();
    const timer = setInterval(name, 2000);
    return () => clearInterval(timer);
  }, [instrument]);
  return (
    <Block
      data={instrument}
      isLoading={isLoading}
      error={error}
      reload={reload}
      what={symbol}
      {...(error === undefined ? { empty: <NoSuch symbol={symbol} /> } : {})}
    >
      {(found) => <Screen key={found.symbol} instrument={found} blotter={blotter} />}
    </Block>
  );
}

function NoSuch({ symbol }: { symbol: string }) {
  return (
    <>
      <h1>There is no {symbol.slice(0, 40)} here.</h1>
      <Link to="/">To the markets</Link>
    </>
  );
}

const ASK_AGAIN_MS = 1000;

/** The book says at once that trading has stopped or goes on; why is asked for then. */
function useHaltsAsTold(symbol: string, known: boolean | undefined, reload: () => void): void {
  useEffect(() => {
    let askedAtMs = 0;
    return bookTopic(symbol).subscribe(() => {
      const told = bookTopic(symbol).value?.halted;
      if (known === undefined || told === undefined || told === known) return;
      if (Date.now() - askedAtMs < ASK_AGAIN_MS) return;
      askedAtMs = Date.now();
      reload();
    });
  }, [symbol, known, reload]);
}

/** Always the same, so that nothing is drawn anew for it. */
const NONE: readonly never[] = [];

type Found = NonNullable<InstrumentViewQuery['instrument']>;

function Screen({ instrument, blotter }: { instrument: Found; blotter: ReactNode }) {
  const { symbol, tick } = instrument;
  const { account, isLoading: isAccountLoading } = useAccounts();
  const accountId = account?.accountId ?? '';
  const isAway = account === undefined;
  const terms = useData(TicketAccount, { accountId }, { pause: isAway });
  const own = useData(OwnOrders, { accountId, symbol }, { pause: isAway });
  const filled = useData(OwnFills, { accountId, symbol }, { pause: isAway });
  const isNarrow = useIsNarrow(759);
  const hasDrawer = useIsNarrow(1099);
  const [open, setOpen] = useState<'ticket' | 'watchlist' | undefined>();
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const asked = `${search['side'] ?? ''}${search['quantity'] ?? ''}${search['price'] ?? ''}`;
  // A row elsewhere that fills the ticket shows it as well, where it is not always seen.
  const [shownFor, setShownFor] = useState('');
  if (asked !== shownFor) {
    setShownFor(asked);
    if (isNarrow && asked !== '') setOpen('ticket');
  }
  const height = useBlotterHeight();
  useWatch('quotes', [symbol]);

  const orders = own.data?.account?.orders?.nodes ?? NONE;
  const prices = new Set(orders.filter(isOpen).flatMap(({ limitPrice }) => (limitPrice === null ? [] : [limitPrice])));
  const ticket = (
    <Ticket
      key={symbol + asked}
      instrument={instrument}
      account={terms.data?.account ?? undefined}
      isAccountLoading={isAccountLoading || terms.isLoading}
      fill={draftFrom(search)}
      onSent={() => isNarrow && setOpen(undefined)}
    />
  );
  const openTicket = (side: 'BUY' | 'SELL'): void => {
    setOpen('ticket');
    setTimeout(() => run({ name: 'ticket.side', side }));
  };
  return (
    <div className={styles.screen} style={{ '--blotter': `${height.px}px` } as CSSProperties}>
      {!hasDrawer && (
        <aside className={styles.watch}>
          <Watchlist symbol={symbol} />
        </aside>
      )}
      <div className={styles.middle}>
        <div className={styles.top}>
          {hasDrawer && (
            <Button kind="quiet" onClick={() => setOpen('watchlist')}>
              Watchlist
            </Button>
          )}
          <QuoteHeader instrument={instrument} />
        </div>
        <ChartPanel instrument={instrument} orders={orders} fills={filled.data?.account?.executions?.nodes ?? NONE} />
        <div
          className={styles.handle}
          role="separator"
          aria-orientation="horizontal"
          aria-label="Height of the orders"
          aria-valuenow={height.px}
          aria-valuemin={120}
          aria-valuemax={520}
          tabIndex={0}
          {...height.handle}
        />
        <div className={styles.blotter}>{blotter}</div>
        {isNarrow && <Ladder symbol={symbol} tick={tick} own={prices} />}
      </div>
      {!isNarrow && (
        <aside className={styles.side} aria-label="Order">
          {ticket}
          <Ladder symbol={symbol} tick={tick} own={prices} />
          <Tape symbol={symbol} tick={tick} />
        </aside>
      )}
      {isNarrow && (
        <>
          <div className={styles.sides}>
            <Button kind="buy" isLarge isWide onClick={() => openTicket('BUY')}>
              Buy
            </Button>
            <Button kind="sell" isLarge isWide onClick={() => openTicket('SELL')}>
              Sell
            </Button>
          </div>
          <Dialog title={symbol} shape="full" isOpen={open === 'ticket'} onClose={() => setOpen(undefined)}>
            {ticket}
          </Dialog>
        </>
      )}
      {hasDrawer && (
        <Dialog title="Watchlist" shape="drawer" isOpen={open === 'watchlist'} onClose={() => setOpen(undefined)}>
          <Watchlist symbol={symbol} />
        </Dialog>
      )}
    </div>
  );
}
