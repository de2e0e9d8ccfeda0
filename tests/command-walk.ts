/** What each documented command does for whoever types it first, in a clone where nothing was done before. */
export interface Step {
  /** What is typed, where the page's own form has placeholders or would take all day. */
  run: string;
  /** What it must say, on either stream. */
  says: RegExp;
  /** What it ends with; 0 where it is left out. A command that needs a running system says so and fails. */
  code?: number;
  /** It runs until it is told to stop: it is, once it has said this. */
  untilStopped?: true;
}

const NOTHING_INSTALLED = /^Nothing is installed here, so nothing runs\.$/m;
const NOTHING_ANSWERS = /^Nothing answers at http:\/\/127\.0\.0\.1:\d+\. Start it in another terminal: make up/m;
/** The id of nothing that there is. */
const NOBODY = '01a21743-8971-740f-8809-450321c89006';
const NOTHING_RUNS = /Nothing is running here/;

/** In a second each, with nothing installed: on every run of the tests. */
export const atOnce: Record<string, Step> = {
  'make help': { run: 'make help', says: /make up +Start everything/ },
  make: { run: 'make', says: /make up +Start everything/ },
  'make down': { run: 'make down', says: NOTHING_INSTALLED },
  'make status': { run: 'make status', says: NOTHING_INSTALLED },
  'make reset': { run: 'make reset YES=1 ALL=1', says: NOTHING_INSTALLED },
  'make admin': { run: 'make admin EMAIL=ada@example.com', says: NOTHING_INSTALLED },
};

/** With packages there: on request, ANDVARI_LONG=1. Ports that nobody listens on stand for a system that is not there. */
export const first: Record<string, Step> = {
  'make gen': { run: 'make gen', says: /successful/ },
  'make lint': { run: 'make lint', says: /successful/ },
  'make typecheck': { run: 'make typecheck', says: /successful/ },
  'make fmt': { run: 'make fmt', says: /Checked \d+ files.*No fixes applied/ },
  'make docs': { run: 'make docs', says: /\d+ pages: file:/ },
  'make build': { run: 'make build', says: /successful/ },
  'make bench': { run: 'make bench SUITE=kit', says: /rpc_per_s/ },
  'npm run bench': { run: 'npm run --silent bench -- orders --json', says: /"orders_per_s":/ },
  // An area takes minutes to an hour; without one it says which there are.
  'make mutate': { run: 'make mutate', says: /Usage: make mutate AREA=/, code: 2 },
  'make up': { run: 'make up PORTS=free', says: /sign in +demo@demo\.example/, untilStopped: true },
  'make demo': { run: 'make demo ANDVARI_URL=http://127.0.0.1:9', says: NOTHING_ANSWERS, code: 2 },
  'make load': { run: 'make load ANDVARI_URL=http://127.0.0.1:9', says: /Nothing answers at|make tools/, code: 2 },
  'make screenshots': { run: 'make screenshots ANDVARI_URL=http://127.0.0.1:9', says: NOTHING_ANSWERS, code: 2 },
  'make verify': { run: 'make verify', says: NOTHING_RUNS, code: 2 },
  'make web': { run: 'make web', says: /Local:/, untilStopped: true },
  'make gates': { run: 'make gates', says: /^\d passed, 0 failed, \d skipped$/m },
  'make tools': { run: 'make tools', says: /promtool/ },
  'make observe': { run: 'make observe PORTS=free', says: /Ctrl-C ends both/, untilStopped: true },
  seedctl: { run: 'npm run --silent seedctl -- --help', says: /seedctl: looks after/ },
  'seedctl verify': { run: 'npm run --silent seedctl -- verify', says: NOTHING_RUNS, code: 1 },
  'seedctl config check': {
    run: 'npm run --silent seedctl -- config check portfolio --env /dev/null',
    says: /POSTGRES_URL +missing/,
    code: 1,
  },
  'seedctl certs': {
    run: 'npm run --silent seedctl -- certs .data/certs --days 30 && rm -r .data/certs',
    says: /^portfolio +\S+portfolio/m,
  },
  'seedctl completion': { run: 'npm run --silent seedctl -- completion bash', says: /complete -F _seedctl seedctl/ },
  'seedctl reset': { run: 'npm run --silent seedctl -- reset --yes', says: /^Removed /m },
  'npm run node deploy/make-secrets.ts': {
    run: 'npm run --silent node -- deploy/make-secrets.ts > secrets.env; cat secrets.env; rm secrets.env',
    says: /^CALLER_\w+=\S{43}$/m,
  },
  'npm run node deploy/write-chart-files.ts': {
    run: 'npm run --silent node -- deploy/write-chart-files.ts && echo written',
    says: /written/,
  },
  'npm run write @andvari/monitoring': {
    run: 'npm run write -w @andvari/monitoring && echo written',
    says: /written/,
  },
  'npm run write @andvari/seedctl': {
    run: 'npm run write -w @andvari/seedctl && echo written',
    says: /written/,
  },
  'npm run pack-seedctl @andvari/build': {
    run: 'npm run --silent pack-seedctl -w @andvari/build',
    says: /andvari-seedctl-.*\.tgz$/m,
  },
  // The image that is kept is that of the last release: what has grown since is in the new one.
  'npm run baseline @andvari/proto': {
    run: 'npm run baseline -w @andvari/proto && git checkout -q proto && echo kept',
    says: /kept/,
  },
};

/** Beside a system that runs, one after the other: on request. `$URL` is where its gateway listens. */
export const beside: Record<string, Step> = {
  'make status': { run: 'make status', says: /^gateway +ready/m },
  'make admin': { run: 'make admin EMAIL=ada@demo.example', says: /has the role admin, from the next request on/ },
  'make demo': { run: 'make demo ANDVARI_URL=$URL', says: /bots trade .*Ctrl-C ends them/, untilStopped: true },
  'make load': {
    run: 'make load ANDVARI_URL=$URL USERS=5 TIME=10s ACCOUNTS=2 MAX_P99_MS=60000',
    says: /Within the thresholds/,
  },
  'seedctl orders place': { run: 'npm run --silent seedctl -- orders place buy 2 AAPL', says: /AAPL +BUY +MARKET/ },
  'seedctl orders ls': { run: 'npm run --silent seedctl -- orders ls', says: /AAPL +BUY +MARKET/ },
  'seedctl orders cancel': {
    run: `npm run --silent seedctl -- orders cancel ${NOBODY}`,
    says: /there is no such order/,
    code: 1,
  },
  'seedctl engine book': { run: 'npm run --silent seedctl -- engine book AAPL --depth 3', says: /^buy +\d/m },
  'seedctl engine stats': { run: 'npm run --silent seedctl -- engine stats', says: /^0 +leader/m },
  'seedctl events tail': { run: "npm run --silent seedctl -- events tail 'order.>' --last 3", says: /order\.placed/ },
  'seedctl events replay': {
    run: 'npm run --silent seedctl -- events replay order_db --subject order.filled --since 2020-01-01T00:00:00Z',
    says: /events of order_db were published again/,
  },
  'seedctl streams backup': {
    run: 'npm run --silent seedctl -- streams backup .data/backup && rm -r .data/backup',
    says: /^COMMANDS +\d/m,
  },
  'seedctl streams restore': {
    run: 'mkdir -p .data/none && npm run --silent seedctl -- streams restore .data/none',
    says: /holds no backup/,
    code: 1,
  },
  'seedctl reservations restore': {
    run: 'npm run --silent seedctl -- reservations restore',
    says: /^0 orders hold again what they held/m,
  },
  'seedctl dead-letters ls': { run: 'npm run --silent seedctl -- dead-letters ls', says: /There is no dead letter/ },
  'seedctl dead-letters show': {
    run: `npm run --silent seedctl -- dead-letters show order_db ${NOBODY}`,
    says: /no dead letter/,
    code: 1,
  },
  'seedctl dead-letters requeue': {
    run: `npm run --silent seedctl -- dead-letters requeue order_db ${NOBODY}`,
    says: /no dead letter/,
    code: 1,
  },
  'seedctl dead-letters drop': {
    run: `npm run --silent seedctl -- dead-letters drop order_db ${NOBODY}`,
    says: /no dead letter/,
    code: 1,
  },
  'seedctl status': { run: 'npm run --silent seedctl -- status', says: /^gateway +yes/m },
  'seedctl verify': { run: 'npm run --silent seedctl -- verify', says: /^All agree: / },
  'make verify': { run: 'make verify', says: /^All agree: / },
  'seedctl seed': {
    run: 'npm run --silent seedctl -- seed --profile load --users 200 && npm run --silent seedctl -- verify',
    says: /200 users, of whom 200 are new[\s\S]*All agree: /,
  },
  'seedctl doctor': { run: 'npm run --silent seedctl -- doctor', says: /Nothing is wrong with 8 services/ },
  'make screenshots': { run: 'make screenshots ANDVARI_URL=$URL; git checkout -q docs/pictures', says: /phone\.png/ },
  'make down': { run: 'make down', says: /Stopped/ },
  'make reset': { run: 'make reset YES=1', says: /^Removed /m },
};

/** Documented, and walked by nobody here. */
export const notWalked: Record<string, string> = {
  curl: 'e2e/first-steps.test.ts runs them, as they stand on their pages',
  'make test': 'CI is this command on a fresh clone (.ci/run), with this test in it',
  'make check': 'lint, typecheck and test, each of which is walked',
  docker: 'needs an engine; deploy/test and infra/local/test look at what it is given',
  'make images': 'takes minutes where there is an engine; tools/build/test/image.test.ts runs what one has built',
  'make try-images': 'takes minutes, and root on Debian; it runs tools/build/test/image.test.ts itself',
  'make chaos': 'takes minutes: chaos/chaos.test.ts, which ANDVARI_LONG=1 runs as well',
  helm: 'needs a cluster; deploy/test renders the chart',
  kubectl: 'needs a cluster',
  nats: 'a program of its own, for a server of one’s own',
  pg_isready: 'a program of its own, for a server of one’s own',
  date: 'says what time the machine has',
  node: 'an option of Node itself, for a process that is slow',
  npm: 'npm’s own commands, on a page about why Node is a package',
  'npm run': 'the same',
  'npm run npm': 'npm itself, under the Node of this checkout',
};
