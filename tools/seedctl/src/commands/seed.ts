import { furnish } from '@andvari/demo/furnish';
import { DEMO_NAMES, DEMO_PASSWORD, emailOf, enlistDemo, isEnlisted } from '@andvari/demo/people';
import { MICRO, toMicros } from '@andvari/money';
import { AuthServiceService } from '@andvari/proto/auth/v1/auth';
import { OrderServiceService } from '@andvari/proto/order/v1/order';
import { PortfolioServiceService } from '@andvari/proto/portfolio/v1/portfolio';
import { StockServiceService } from '@andvari/proto/stock/v1/stock';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { type Given, OK, type SystemCommand } from '../command.ts';
import type { Printer } from '../print.ts';
import { type Imported, type Importers, importPeople, marksOf } from '../seed/import-people.ts';
import { inBatches } from '../seed/in-batches.ts';
import { type Keeper, keepersOf, peopleKeepers, presupposedBy, requireKept } from '../seed/parts.ts';
import { type PastMarket, readPastMarket } from '../seed/past-market.ts';
import { type Person, personOf } from '../seed/person.ts';
import { CommandError, UsageError } from '../system.ts';
import { wholeNumber } from '../whole-number.ts';
import type { World } from '../world.ts';

const BATCH = 500;
const BATCHES_AT_ONCE = 2;
const TELL_EVERY_MS = 5000;
/** What is younger the ledger does not take: it could not be told from what it should have told others of. */
const NEWEST_MS = 14 * 86_400_000;
const YEAR_US = 365n * 86_400_000_000n;

export const seed: SystemCommand = {
  name: 'seed',
  summary:
    'People to sign in as: three of the demo, or any number with a year behind them. Done again, it changes nothing',
  options: {
    profile: { type: 'string' },
    users: { type: 'string' },
    seed: { type: 'string' },
    until: { type: 'string' },
    bare: { type: 'boolean' },
    db: { type: 'string' },
  },
  changes: true,
  async run(world, given, print) {
    if (world.places.environment === 'production') throw new CommandError('nobody is made up in production.');
    const { profile = 'demo' } = given.values;
    const make = profiles[String(profile)];
    if (make === undefined) {
      throw new UsageError(`--profile is one of ${Object.keys(profiles).join(', ')}, and not ${String(profile)}`);
    }
    return make(world, given, print);
  },
};

const profiles: Record<string, SystemCommand['run']> = { demo: seedDemo, load: seedLoad, empty: seedNobody };

async function seedNobody(_: World, __: Given, print: Printer): Promise<number> {
  print.outcome('Nobody was made: the instruments and roles that a system starts with are there.', { users: 0 });
  return OK;
}

async function seedDemo(world: World, { values }: Given, print: Printer): Promise<number> {
  if (keepersOf(values['db']).size < peopleKeepers.length) {
    throw new UsageError('--db is for --profile load: the demo goes through the gateway, and so into all of them');
  }
  const ofLoad = ['users', 'seed', 'until'].find((name) => values[name] !== undefined);
  if (ofLoad !== undefined) throw new UsageError(`--${ofLoad} is for --profile load: the demo is three people`);
  const { gateway } = world.places;
  await importDemoPast(world, print);
  if (values['bare'] === true) await enlistDemo(gateway);
  else await furnish(gateway);
  const emails = DEMO_NAMES.map(emailOf);
  print.outcome(`Sign in as ${emails.join(', ')}, password ${DEMO_PASSWORD}`, {
    users: emails,
    password: DEMO_PASSWORD,
  });
  return OK;
}

/** A year behind those who are not there yet. A market that does not remember so much is no reason to have no demo. */
async function importDemoPast(world: World, print: Printer): Promise<void> {
  const isThere = await Promise.all(DEMO_NAMES.map((name) => isEnlisted(world.places.gateway, name)));
  const names = DEMO_NAMES.filter((_, at) => isThere[at] === false);
  if (names.length === 0) return;
  try {
    const untilUs = untilOf(undefined);
    const market = await readPastMarket(world.rpc('stock', StockServiceService), untilUs - YEAR_US, untilUs);
    const people = names.map((name) =>
      personOf(market, `demo-${name}`, 1, {
        email: emailOf(name),
        givenName: name.replace(/^./, (letter) => letter.toUpperCase()),
        familyName: 'Demo',
        deposit: toMicros(60_000n * MICRO),
        opened: 0,
        waited: true,
      }),
    );
    await importPeople(importersOf(world), people, {
      password: DEMO_PASSWORD,
      marks: marksOf(market),
      into: new Set(peopleKeepers),
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    print.progress(`They have no past: ${error.message}`);
  }
}

/** A connection lasts half an hour, and what is asked in the moment of its end may be refused: a million people take longer. */
export const importersOf = (world: World): Importers => ({
  auth: world.rpc('auth', AuthServiceService, ['importUsers']),
  user: world.rpc('user', UserServiceService, ['importProfiles']),
  order: world.rpc('order', OrderServiceService, ['importOrders']),
  portfolio: world.rpc('portfolio', PortfolioServiceService, ['importAccounts']),
});

async function seedLoad(world: World, { values }: Given, print: Printer): Promise<number> {
  const users = wholeNumber('--users', values['users'], { from: 1, to: 10_000_000 }) ?? 1000;
  const name = String(values['seed'] ?? '1');
  if (!/^[a-z0-9]{1,16}$/.test(name)) throw new UsageError('--seed is a word of up to 16 small letters and digits');
  const into = keepersOf(values['db']);
  if (into.size === 0) {
    print.outcome('Nobody was made: security_db and stock_db begin with all that they need.', { users: 0 });
    return OK;
  }
  const untilUs = untilOf(values['until']);
  const startedAt = performance.now();
  const market = await readPastMarket(world.rpc('stock', StockServiceService), untilUs - YEAR_US, untilUs);
  const all: Batches = { users, batch: (first, size) => peopleFrom(market, name, first, size) };
  await requireOthers(world, into, all);
  const importers = importersOf(world);
  const marks = marksOf(market);
  let toldAt = performance.now();
  const done = await inBatches(
    { count: users, size: BATCH, atOnce: BATCHES_AT_ONCE },
    async (first, size) => {
      const made = await importPeople(importers, all.batch(first, size), { password: DEMO_PASSWORD, marks, into });
      if (performance.now() - toldAt > TELL_EVERY_MS) {
        toldAt = performance.now();
        print.progress(`${first + size} of ${users}`);
      }
      return made;
    },
    { from: { users: 0, accounts: 0, orders: 0 }, add: sumOf },
  );
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const [firstEmail] = [personOf(market, name, 1).email];
  print.outcome(
    `${users} users, of whom ${newOf(done)} are new, with ${done.orders} orders, in ${seconds} s. Sign in as ${firstEmail}, password ${DEMO_PASSWORD}`,
    { ...done, asked: users, seconds, first: firstEmail, password: DEMO_PASSWORD },
  );
  return OK;
}

interface Batches {
  readonly users: number;
  readonly batch: (first: number, size: number) => Person[];
}

function peopleFrom(market: PastMarket, name: string, first: number, size: number): Person[] {
  return Array.from({ length: size }, (_, index) => personOf(market, name, first + index + 1));
}

/** All of them, before the first is written. */
async function requireOthers(world: World, into: ReadonlySet<Keeper>, { users, batch }: Batches): Promise<void> {
  const presupposed = presupposedBy(into);
  if (presupposed.length === 0) return;
  await inBatches(
    { count: users, size: BATCH, atOnce: 1 },
    (first, size) => requireKept(presupposed, batch(first, size), (name) => world.db(name)),
    { from: undefined, add: () => undefined },
  );
}

/** In whichever service they are new, where not all are written to. */
function newOf({ users, accounts }: Imported): number {
  return Math.max(users, accounts);
}

function sumOf(one: Imported, other: Imported): Imported {
  return {
    users: one.users + other.users,
    accounts: one.accounts + other.accounts,
    orders: one.orders + other.orders,
  };
}

/** The newest first of a month that is long enough ago: whatever is seeded again within the next has the same past. */
function untilOf(given: string | boolean | undefined): bigint {
  const latest = new Date(Date.now() - NEWEST_MS);
  const firstOfMonth = new Date(Date.UTC(latest.getUTCFullYear(), latest.getUTCMonth(), 1));
  const day = given === undefined ? firstOfMonth : new Date(`${String(given)}T00:00:00Z`);
  // A date takes the 31st of February for the third of March.
  const isThatDay =
    given === undefined || (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(String(given)));
  if (!isThatDay || day > latest) {
    throw new UsageError('--until is a day like 2026-01-31, two weeks ago at the latest');
  }
  return BigInt(day.getTime()) * 1000n;
}
