import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { recentSymbols } from '../ui/recent.ts';
import { isDay } from '../ui/time.ts';
import { NotFoundPage, PageFailed, Root } from './root.tsx';

/** Every page and its search: what a link holds reproduces the screen. */
const root = createRootRoute({ component: Root, notFoundComponent: NotFoundPage });

const text = (search: Record<string, unknown>, name: string): string | undefined => {
  const value = search[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};

/** Only the named members, only as text: a URL is written by anybody. */
const only =
  <Name extends string>(...names: Name[]) =>
  (search: Record<string, unknown>): Partial<Record<Name, string>> =>
    Object.fromEntries(
      names.flatMap((name) => (text(search, name) === undefined ? [] : [[name, text(search, name)]])),
    ) as Partial<Record<Name, string>>;

/** The day from which on something is shown. What is no day is said to be none: what is only left out is read from the address all the same. */
const since = (search: Record<string, unknown>): { from: string | undefined } => {
  const from = text(search, 'from') ?? '';
  return { from: isDay(from) ? from : undefined };
};

const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const identity = () => import('../features/identity/page.tsx');
const settings = () => import('../features/settings/page.tsx');
const admin = () => import('../features/admin/page.tsx');

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: lazyRouteComponent(() => import('../features/market/page.tsx'), 'MarketsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/trade',
    validateSearch: only('side'),
    beforeLoad: ({ search }) => {
      const [last] = recentSymbols();
      if (last !== undefined) throw redirect({ to: '/trade/$symbol', params: last, search, replace: true } as never);
    },
    component: lazyRouteComponent(() => import('./first-trade-page.tsx'), 'FirstTradePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/trade/$symbol',
    validateSearch: only('tf', 'side', 'quantity', 'price', 'type', 'tab'),
    component: lazyRouteComponent(() => import('./trade-page.tsx'), 'TradePage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/orders',
    validateSearch: (search: Record<string, unknown>) => ({
      ...only('state', 'symbol', 'order')(search),
      ...since(search),
    }),
    component: lazyRouteComponent(() => import('../features/orders/page.tsx'), 'OrdersPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/portfolio',
    validateSearch: only('period'),
    component: lazyRouteComponent(() => import('../features/portfolio/page.tsx'), 'PortfolioPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/activity',
    validateSearch: (search: Record<string, unknown>) => ({ ...only('type', 'symbol')(search), ...since(search) }),
    component: lazyRouteComponent(() => import('../features/portfolio/activity-page.tsx'), 'ActivityPage'),
  }),
  page(
    '/funding',
    lazyRouteComponent(() => import('../features/funding/page.tsx'), 'FundingPage'),
  ),
  page(
    '/inbox',
    lazyRouteComponent(() => import('../features/inbox/page.tsx'), 'InboxPage'),
  ),
  page('/settings', lazyRouteComponent(settings, 'SettingsPage')),
  page('/settings/$tab', lazyRouteComponent(settings, 'SettingsPage')),
  page('/admin', lazyRouteComponent(admin, 'AdminPage')),
  createRoute({
    getParentRoute: () => root,
    path: '/admin/$tab',
    validateSearch: only('actor', 'action', 'entity'),
    component: lazyRouteComponent(admin, 'AdminPage'),
  }),
  page(
    '/status',
    lazyRouteComponent(() => import('../features/status/page.tsx'), 'StatusPage'),
  ),
  page(
    '/about',
    lazyRouteComponent(() => import('../features/status/about-page.tsx'), 'AboutPage'),
  ),
  createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    validateSearch: only('next'),
    component: lazyRouteComponent(identity, 'SignInPage'),
  }),
  page('/sign-up', lazyRouteComponent(identity, 'SignUpPage')),
  createRoute({
    getParentRoute: () => root,
    path: '/verify',
    validateSearch: only('token'),
    component: lazyRouteComponent(identity, 'VerifyPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/reset',
    validateSearch: only('token'),
    component: lazyRouteComponent(identity, 'ResetPage'),
  }),
  page(
    '/welcome',
    lazyRouteComponent(() => import('../features/identity/welcome-page.tsx'), 'WelcomePage'),
  ),
];

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});
