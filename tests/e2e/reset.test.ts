import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDb } from '@andvari/kit/db/db';
import type { Db } from '@andvari/kit/db/types';
import { resetOf } from '@andvari/seedctl/reset';
import { runSeedctl } from '@andvari/seedctl/run';
import { localPlaces } from '@andvari/seedctl/system';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedctl } from './seedctl.ts';

/** What `make up`, `seedctl seed` and `seedctl reset` do to the data of a checkout, in one that has nothing but the services. */
let root: string;
let home: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'andvari-reset-'));
  chmodSync(root, 0o755);
  symlinkSync(join(checkoutRoot, 'services'), join(root, 'services'));
  symlinkSync(join(checkoutRoot, 'packages'), join(root, 'packages'));
  home = dataHome(root).path;
  const programs = join(dataHome(checkoutRoot).path, 'programs');
  mkdirSync(programs, { recursive: true });
  symlinkSync(programs, join(home, 'programs'));
});
afterAll(() => {
  launcher('down');
  for (const folder of [root, home]) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
});

const SEED = ['seed', '--profile=load', '--users=40', '--until', lastYear(), '--json'];

test('what was seeded is gone after a reset, and the same again when it is seeded again', {
  timeout: 400_000,
}, async () => {
  launcher('up', '--detach', '--ports', 'free', '--topology', 'single');
  expect(await seeded()).toMatchObject({ users: 40, accounts: 40 });
  const before = await contents();
  expect(before['order_db.orders']).toMatch(/^1\d\d rows /);
  await expectClean();

  const refused = await reset('--yes', '--db', 'order');
  expect({ code: refused.code, running: existsSync(join(home, 'run')) }).toEqual({ code: 2, running: true });
  expect(JSON.parse((await reset('--yes', '--json')).said)).toMatchObject({ stopped: true });
  expect(readdirSync(home)).toEqual(['programs']);

  launcher('up', '--detach', '--ports', 'free', '--topology', 'single');
  expect(new Set(Object.values(await contents()))).toEqual(new Set(['0 rows ']));
  expect(await seeded()).toMatchObject({ users: 40, accounts: 40 });
  expect(await contents()).toEqual(before);
  await expectClean();
  expect(JSON.parse((await reset('--yes', '--json')).said)).toMatchObject({ stopped: true });
});

/** The launcher as a process, without what this test was told of servers that run already. */
function launcher(command: 'up' | 'down', ...words: string[]): void {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(POSTGRES|NATS|REDIS)_/.test(name)));
  const program = join(checkoutRoot, 'infra/local/src', `${command}.ts`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--root', root, ...words], {
    env: { ...env, MARKET_HOURS: 'always' },
    encoding: 'utf8',
    timeout: 240_000,
  });
  expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
}

async function reset(...words: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const write = (line: string): void => void said.push(line);
  const code = await runSeedctl([resetOf(() => ({ root, home }))], ['reset', ...words], { out: write, err: write });
  return { code, said: said.join('\n') };
}

async function seeded(): Promise<unknown> {
  const { code, said, complained } = await seedctl(localPlaces(home), ...SEED);
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  return JSON.parse(said);
}

async function expectClean(): Promise<void> {
  const { code, said } = await seedctl(localPlaces(home), 'verify', '--json');
  expect({ code, said: JSON.parse(said) }).toMatchObject({ code: 0, said: { differences: 0 } });
}

/** Of each table the columns that are not of the moment. */
const tables = {
  'auth_db.users': 'user_id, email, created_at',
  'user_db.profiles': 'user_id, locale, onboarding_state, created_at',
  'order_db.orders': 'id, account_id, symbol, side, qty, cum_qty, avg_px, limit_px, reserved, status, placed_at_us',
  'portfolio_db.accounts': 'id, user_id, kind, currency, status, opened_at',
  'portfolio_db.positions': 'account_id, symbol, qty, cost, bought, sold, opened_at',
  'portfolio_db.executions': 'exec_id',
};

async function contents(): Promise<Record<string, string>> {
  const { databases } = localPlaces(home);
  const found: Record<string, string> = {};
  for (const [name, columns] of Object.entries(tables)) {
    const [database = '', table = ''] = name.split('.');
    const db = connectDb(databases[database] ?? '', { maxConnections: 1 });
    try {
      found[name] = await digestOf(db, table, columns);
    } finally {
      await db.end({ timeout: 1 });
    }
  }
  return found;
}

async function digestOf(db: Db, table: string, columns: string): Promise<string> {
  // The house, whose account is there from the start, is no person.
  const house = columns.includes('kind') ? "where kind <> 'house'" : '';
  const [row] = await db.unsafe<{ rows: number; digest: string | null }[]>(
    `select count(*)::int as rows, md5(string_agg(line, e'\\n' order by line)) as digest
     from (select row(${columns})::text as line from ${table} ${house}) as lines`,
  );
  return `${row?.rows} rows ${row?.digest ?? ''}`;
}

/** A day that the two runs have in common, whenever they are. */
function lastYear(): string {
  const month = new Date(Date.now() - 60 * 86_400_000).toISOString().slice(0, 7);
  return `${month}-01`;
}
