import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useIsAsked } from '../api/confirmation.ts';
import { useSession } from '../api/session.ts';
import { Empty, Page } from '../ui/block.tsx';
import { Button } from '../ui/button.tsx';
import { useTaste } from '../ui/taste.ts';
import { Toasts } from '../ui/toasts.tsx';
import { useIsCovered } from './cover.ts';
import styles from './root.module.css';
import { Shell } from './shell.tsx';

const ConfirmAgain = lazy(async () => ({ default: (await import('./confirm-again.tsx')).ConfirmAgain }));
const SignInAgain = lazy(async () => ({ default: (await import('./sign-in-again.tsx')).SignInAgain }));

/** Pages that stand alone, one column, before one is in. */
const alone = new Set(['/sign-in', '/sign-up', '/verify', '/reset']);
/** Readable by anybody. */
const open = new Set([...alone, '/status', '/about']);

export function Root() {
  const { pathname, href } = useLocation();
  const session = useSession();
  const isAsked = useIsAsked();
  const isCovered = useIsCovered();
  const navigate = useNavigate();
  // In another notation all numbers are written anew.
  const { numbers } = useTaste();
  const [wasIn, setWasIn] = useState(false);
  if (session === 'signedIn' && !wasIn) setWasIn(true);

  useEffect(() => {
    if (session !== 'signedOut' || open.has(pathname) || wasIn) return;
    void navigate({ to: '/sign-in', search: href === '/' ? {} : { next: href }, replace: true } as never);
  }, [session, pathname, href, navigate, wasIn]);

  if (alone.has(pathname)) {
    return (
      <>
        <Outlet />
        <Toasts />
      </>
    );
  }
  return (
    <>
      <div className={styles.page} data-covered={(isCovered && !open.has(pathname)) || undefined}>
        <Shell key={numbers}>
          <Outlet />
        </Shell>
        <Toasts />
      </div>
      {session === 'signedOut' && wasIn && !open.has(pathname) && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
      {isAsked && (
        <Suspense>
          <ConfirmAgain />
        </Suspense>
      )}
    </>
  );
}

export function NotFoundPage() {
  return (
    <Page title="Not here">
      <Empty>
        <p>There is no such page.</p>
        <Link to="/">To the markets</Link>
      </Empty>
    </Page>
  );
}

/** A page that broke takes nothing else with it. A chunk that is gone means that there is a new version. */
export function PageFailed({ error, reset }: { error: unknown; reset: () => void }) {
  const isNewVersion = /dynamically imported module|module script/.test(String(error));
  return (
    <Page title={isNewVersion ? 'A new version' : 'Something broke'}>
      <Empty>
        <p>
          {isNewVersion ? 'A new version is there; this page is of the old one.' : 'This page broke. The others work.'}
        </p>
        <Button kind="primary" onClick={() => (isNewVersion ? window.location.reload() : reset())}>
          {isNewVersion ? 'Load it' : 'Try again'}
        </Button>
      </Empty>
    </Page>
  );
}
