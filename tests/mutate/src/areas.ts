/** What is changed, and which tests are to notice it. Paths are those of the workspace. */
export interface Area {
  readonly workspace: string;
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  /** Real PostgreSQL, NATS and Redis beside each runner; without, only what needs none. */
  readonly servers: boolean;
  /** The share of changes to be noticed, of those that make a difference at all. */
  readonly goal: number;
}

/** In money, the ledger, orders and grants a change that nobody notices costs somebody money. */
const STRICT = 0.95;
const USUAL = 0.9;

const pure = (workspace: string, tests: readonly string[], goal = USUAL): Area => ({
  workspace,
  mutate: ['src/domain/**/*.ts'],
  tests,
  servers: false,
  goal,
});
const kit = (room: string, tests: readonly string[]): Area => ({
  workspace: 'packages/kit',
  mutate: [`src/${room}/**/*.ts`],
  tests: tests.map((name) => `test/${name}.test.ts`),
  servers: true,
  goal: USUAL,
});
const gateway = (mutate: string, tests: readonly string[]): Omit<Area, 'servers'> => ({
  workspace: 'services/gateway',
  mutate: [mutate],
  tests: tests.map((name) => `test/${name}.test.ts`),
  goal: USUAL,
});

export const areas: Readonly<Record<string, Area>> = {
  money: { ...pure('packages/money', ['test/*.test.ts'], STRICT), mutate: ['src/**/*.ts'] },
  // Without its races, which take minutes: what they notice the tables have to say as well.
  portfolio: pure('services/portfolio', ['test/domain/!(*-races).test.ts'], STRICT),
  order: pure(
    'services/order',
    [
      'all-refusals',
      'bounds',
      'change',
      'ended-order',
      'explanation',
      'group-prices',
      'judge-group',
      'judge-order',
      'life',
      'preview',
      'reported-orders',
    ].map((name) => `test/${name}.test.ts`),
    STRICT,
  ),
  grants: {
    ...pure('services/security', ['test/grant.test.ts'], STRICT),
    mutate: ['src/domain/grant.ts', 'src/domain/permission.ts'],
  },
  audit: { ...pure('services/security', ['test/audit-chain.test.ts']), mutate: ['src/domain/audit-*.ts'] },
  auth: pure('services/auth', ['test/domain/*.test.ts']),
  user: pure('services/user', ['test/domain.test.ts', 'test/profile-rules.test.ts']),
  // Without the simulated market, whose every price exact-prices.test.ts knows.
  stock: {
    ...pure('services/stock', ['test/domain/!(exact-prices).test.ts']),
    mutate: ['src/domain/!(simulated-*|deterministic-math|intraday-profile).ts'],
  },
  // Tables alone, each row of which the naive reference answers as well; without the thousands of random sequences.
  engine: pure(
    'services/engine',
    [
      'auctions',
      'bad-orders',
      'contingent',
      'formats',
      'house-quotes',
      'levels',
      'matching',
      'market-commands',
      'matching-corners',
      'open-quantity',
      'orders',
      'refusals',
      'refused-groups',
      'remembered-ids',
      'replaced-legs',
      'replaced-stops',
      'replacements',
      'sessions-and-stops',
      'sessions-of-auctions',
      'stops',
    ].map((name) => `test/${name}.test.ts`),
    STRICT,
  ),
  // What is kept, and in which order.
  outbox: { ...kit('outbox', ['horizon', 'outbox-rows']), mutate: ['src/outbox/!(metrics|relay|replay).ts'] },
  inbox: {
    ...kit('inbox', ['apply-batch', 'dead-letters', 'handlers', 'inbox-rows', 'letter-applier']),
    mutate: ['src/inbox/!(consumer|delivery|metrics).ts'],
  },
  // What speaks to NATS. Without outages.test.ts and crashes.test.ts, which take minutes for each change.
  relay: { ...kit('outbox', ['outbox', 'outbox-replay']), mutate: ['src/outbox/{relay,replay}.ts'] },
  consumer: {
    ...kit('inbox', ['consumer', 'consumer-upkeep', 'contents', 'delivery']),
    mutate: ['src/inbox/{consumer,delivery}.ts'],
  },
  // Without reflection, which is for development.
  rpc: {
    ...kit('rpc', [
      'admission',
      'caller',
      'caller-keys',
      'client-batch',
      'client-unary',
      'errors',
      'rpc-batches',
      'rpc-deadlines',
      'rpc-discovery',
      'rpc-faults',
      'rpc-lifetimes',
      'rpc-refused-streams',
      'rpc-retries',
      'rpc-streams',
      'rpc-tls',
      'server-batch',
      'status',
    ]),
    mutate: ['src/rpc/!(reflection).ts'],
    servers: false,
  },
  // Without what the wall clock alone shows: shedding.test.ts says when the event loop is behind.
  limits: {
    ...gateway('src/limits/!(event-loop-lag).ts', [
      'document-limits',
      'optimistic-limiter',
      'query-cost',
      'rate-limits',
      'token-buckets',
    ]),
    servers: true,
  },
  // Without the wiring, and what is heard over NATS: that takes a whole gateway (identity.test.ts).
  identity: {
    ...gateway('src/identity/!(identity|revocations).ts', [
      'access-tokens',
      'api-keys',
      'authenticate',
      'cookies',
      'deny-set',
      'expiring-cache',
      'factor-proof',
      'permissions',
      'signing-keys',
      'viewer',
    ]),
    servers: false,
  },
};
