import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useAccounts } from '../api/account.ts';
import { signOut, useSession } from '../api/session.ts';
import { staffParts } from '../api/staff-parts.ts';
import { useData } from '../api/use-data.ts';
import { Amount } from '../ui/amount.tsx';
import { IconButton, Kbd } from '../ui/button.tsx';
import { run, useCommands } from '../ui/commands.ts';
import { Icon, Ring } from '../ui/icon.tsx';
import { nextTheme } from '../ui/next-theme.ts';
import { money, signedMoney, signOf } from '../ui/number.ts';
import { tradePath } from '../ui/recent.ts';
import { useIsCovered } from './cover.ts';
import { BarNumbers, WhoIsHere } from './documents.ts';
import styles from './shell.module.css';
import { StatusLine } from './status-line.tsx';
import { useAccountEvents } from './use-account-events.ts';
import { useKeys } from './use-keys.ts';

// Not needed to see the first page.
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));
const KeysHelp = lazy(async () => ({ default: (await import('./keys-help.tsx')).KeysHelp }));

const pages = [
  ['/trade', 'Trade'],
  ['/', 'Markets'],
  ['/orders', 'Orders'],
  ['/portfolio', 'Portfolio'],
  ['/funding', 'Funding'],
] as const;

/** Bar, page, status line; on a phone the pages are below, where the thumb is. */
export function Shell({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<'palette' | 'keys' | undefined>();
  useKeys();
  useCommands(({ name }) => {
    if (name !== 'palette' && name !== 'keys') return false;
    setOpen(name);
    return true;
  });
  const { account, data: known } = useAccounts();
  const isCovered = useIsCovered();
  const hasNone = known?.accounts != null && account === undefined;
  useAccountEvents(account?.accountId);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        To the content
      </a>
      <header className={styles.bar}>
        <Link to="/" className={styles.brand} aria-label="Andvari, markets">
          <Ring />
          <span>Andvari</span>
        </Link>
        <nav className={styles.pages} aria-label="Pages">
          <PageLinks />
        </nav>
        <button type="button" className={styles.search} onClick={() => run({ name: 'palette' })}>
          <Icon name="search" />
          <span>Search or jump to…</span>
          <Kbd>Ctrl K</Kbd>
        </button>
        <span className={styles.gap} />
        {!isCovered && <Numbers accountId={account?.accountId} />}
        {hasNone && !isCovered && (
          <Link to="/welcome" className={styles.first}>
            Open an account
          </Link>
        )}
        <Mine />
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is scrolled by keyboard as well */}
      <main id="main" className={styles.main} tabIndex={0}>
        {children}
      </main>
      <StatusLine />
      <nav className={styles.tabbar} aria-label="Pages">
        <PageLinks isShort />
        <button type="button" className={`${styles.page} ${styles.more}`} popoverTarget="mine">
          More
        </button>
      </nav>
      <Suspense>
        {open === 'palette' && <Palette isOpen onClose={() => setOpen(undefined)} />}
        {open === 'keys' && <KeysHelp isOpen onClose={() => setOpen(undefined)} />}
      </Suspense>
    </div>
  );
}

function PageLinks({ isShort = false }: { isShort?: boolean }) {
  const { pathname } = useLocation();
  const shown = isShort
    ? ([
        ['/', 'Markets'],
        ['/trade', 'Trade'],
        ['/orders', 'Orders'],
        ['/portfolio', 'Portfolio'],
      ] as const)
    : pages;
  return shown.map(([path, label]) => {
    const isHere = path === '/' ? pathname === '/' : pathname.startsWith(path);
    const to = path === '/trade' ? tradePath() : path;
    return (
      <Link
        key={path}
        to={to}
        className={styles.page}
        aria-current={isHere ? 'page' : undefined}
        data-here={isHere || undefined}
      >
        {label}
      </Link>
    );
  });
}

function Numbers({ accountId }: { accountId: string | undefined }) {
  const { data } = useData(BarNumbers, { accountId: accountId ?? '' }, { pause: accountId === undefined });
  const account = data?.account;
  if (account == null) return null;
  const { summary, buyingPower, currency } = account;
  return (
    <dl className={styles.numbers}>
      <div>
        <dt>Buying power</dt>
        <dd>
          <Amount>{money(buyingPower?.amount, currency)}</Amount>
        </dd>
      </div>
      <div data-main>
        <dt>Equity</dt>
        <dd>
          <Amount>{money(summary?.equity, currency)}</Amount>
        </dd>
      </div>
      <div>
        <dt>Today</dt>
        <dd data-sign={signOf(summary?.dayPnl)}>
          <Amount>{signedMoney(summary?.dayPnl, currency)}</Amount>
        </dd>
      </div>
    </dl>
  );
}

function Mine() {
  const session = useSession();
  const isCovered = useIsCovered();
  const { data: known } = useData(WhoIsHere, {}, { pause: session !== 'signedIn', context: inboxOnly });
  const data = isCovered ? undefined : known;
  const navigate = useNavigate();
  const unread = data?.inbox?.unreadCount ?? 0;
  const isStaff = staffParts.some(({ right }) => data?.myPermissions?.permissions.includes(right));
  return (
    <div className={styles.mine}>
      <IconButton
        label={unread === 0 ? 'Inbox' : `Inbox, ${unread} unread`}
        onClick={() => void navigate({ to: '/inbox' } as never)}
      >
        <Icon name="bell" />
        {unread > 0 && <span className={styles.unread}>{unread > 99 ? '99+' : unread}</span>}
      </IconButton>
      <IconButton label="Light, dark, or as the system" onClick={nextTheme}>
        <Icon name="contrast" />
      </IconButton>
      <IconButton label="Account and settings" popoverTarget="mine">
        <Icon name="person" />
      </IconButton>
      <div id="mine" popover="auto" className={styles.menu}>
        <p className={styles.who}>{data?.me?.email ?? 'Signed out'}</p>
        <MenuLink to="/funding">Funding</MenuLink>
        <MenuLink to="/activity">Activity</MenuLink>
        <MenuLink to="/inbox">Inbox</MenuLink>
        <MenuLink to="/settings/profile">Settings</MenuLink>
        {isStaff && <MenuLink to="/admin">Administration</MenuLink>}
        <MenuLink to="/status">System status</MenuLink>
        <MenuLink to="/about">About</MenuLink>
        {session === 'signedIn' ? (
          <button
            type="button"
            onClick={() => {
              void signOut().then(() => navigate({ to: '/sign-in' } as never));
            }}
          >
            Sign out
          </button>
        ) : (
          <MenuLink to="/sign-in">Sign in</MenuLink>
        )}
      </div>
    </div>
  );
}

const inboxOnly = { requestPolicy: 'cache-first' as const };

function MenuLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} onClick={() => document.querySelector<HTMLElement>('#mine')?.hidePopover()}>
      {children}
    </Link>
  );
}
