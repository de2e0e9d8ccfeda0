import { uuidArray } from '@andvari/kit/db/pg-array';
import type { Db } from '@andvari/kit/db/types';
import { CommandError, UsageError } from '../system.ts';
import type { Person } from './person.ts';

/** The services that keep something of a person who is made up. */
export const peopleKeepers = ['auth', 'user', 'order', 'portfolio'] as const;
export type Keeper = (typeof peopleKeepers)[number];

/** What begins with what it needs, and gets nothing more with people. */
const selfMade = ['security', 'stock'] as const;

/** Without these, what a service is given is of no use, or does not agree: orders without a ledger, a ledger without orders. */
const needed: Readonly<Record<Keeper, readonly Keeper[]>> = {
  auth: ['user'],
  user: ['auth'],
  order: ['auth', 'user', 'portfolio'],
  portfolio: ['auth', 'user', 'order'],
};

/** `--db all`, or some of the names: those of them that keep people. */
export function keepersOf(given: string | boolean | undefined): ReadonlySet<Keeper> {
  const words = String(given ?? 'all').split(',');
  const known: readonly string[] = ['all', ...peopleKeepers, ...selfMade];
  const wrong = words.find((word) => !known.includes(word));
  if (wrong !== undefined) throw new UsageError(`--db is one or more of ${known.join(', ')}, and not ${wrong}`);
  return new Set(peopleKeepers.filter((keeper) => words.includes('all') || words.includes(keeper)));
}

/** The services that are not written to and that must have these people already. */
export function presupposedBy(chosen: ReadonlySet<Keeper>): Keeper[] {
  return peopleKeepers.filter((keeper) => {
    return !chosen.has(keeper) && [...chosen].some((other) => needed[other].includes(keeper));
  });
}

/** Refuses before anything is written: a system that has somebody in one place and not in another is worse than one without them. */
export async function requireKept(
  presupposed: readonly Keeper[],
  people: readonly Person[],
  db: (name: string) => Db,
): Promise<void> {
  for (const keeper of presupposed) {
    const { what, wanted, find } = kept[keeper];
    const [row] = await find(db(`${keeper}_db`), people);
    const lacking = wanted(people) - (row?.found ?? 0);
    if (lacking <= 0) continue;
    throw new CommandError(
      `${keeper}_db lacks ${lacking} of the ${wanted(people)} ${what} that belong to this, and nothing would agree. Say --db all, or add ${keeper} to the list.`,
    );
  }
}

interface Kept {
  readonly what: string;
  readonly wanted: (people: readonly Person[]) => number;
  readonly find: (db: Db, people: readonly Person[]) => PromiseLike<readonly { found: number }[]>;
}

const heads = (people: readonly Person[]): number => people.length;
const usersOf = (people: readonly Person[]): string => uuidArray(people.map(({ userId }) => userId));
const accountsOf = (people: readonly Person[]): string => uuidArray(people.map(({ accountId }) => accountId));

const kept: Readonly<Record<Keeper, Kept>> = {
  auth: {
    what: 'people',
    wanted: heads,
    find: (db, people) => db`select count(*)::int as found from users where user_id = any(${usersOf(people)}::uuid[])`,
  },
  user: {
    what: 'profiles',
    wanted: heads,
    find: (db, people) =>
      db`select count(*)::int as found from profiles where user_id = any(${usersOf(people)}::uuid[])`,
  },
  order: {
    what: 'orders',
    wanted: (people) => people.reduce((sum, { orders }) => sum + orders.length, 0),
    // They may have placed others since.
    find: (db, people) =>
      db`select count(*)::int as found from orders
        where account_id = any(${accountsOf(people)}::uuid[]) and client_order_id like 'seed-%'`,
  },
  portfolio: {
    what: 'accounts',
    wanted: heads,
    find: (db, people) => db`select count(*)::int as found from accounts where id = any(${accountsOf(people)}::uuid[])`,
  },
};
