import { isKnown, type Session, signIn } from './gateway.ts';

/** Somebody who trades: signed in, with an investment account and money in it. */
export interface Trader {
  name: string;
  email: string;
  session: Session;
  accountId: string;
}

/** Known to everybody who reads this: for a system of one's own, never for one that others reach. */
export const DEMO_PASSWORD = 'demo-password-for-my-own-machine';

/** Who is there to sign in as. */
export const DEMO_NAMES = ['demo', 'ada', 'bob'] as const;
export const emailOf = (name: string): string => `${name}@demo.example`;
export const isEnlisted = (url: string, name: string): Promise<boolean> =>
  isKnown(url, { email: emailOf(name), password: DEMO_PASSWORD });

/** Signs somebody up, opens an account where there is none, and brings money in; done again, it changes nothing. */
export async function enlist(url: string, name: string, dollars: string, address?: string): Promise<Trader> {
  const email = emailOf(name);
  const session = await signIn(url, { email, password: DEMO_PASSWORD, name, address });
  const accountId = (await investmentAccountOf(session)) ?? (await openAccount(session, name));
  await session.ask(DEPOSIT, { input: { accountId, amount: dollars, idempotencyKey: `demo-deposit-${name}` } });
  return { name, email, session, accountId };
}

/** Signing people up is limited, so it is done one by one. */
export async function enlistDemo(url: string): Promise<[Trader, ...Trader[]]> {
  const [first, ...others] = DEMO_NAMES;
  const traders: [Trader, ...Trader[]] = [await enlist(url, first, MONEY)];
  for (const name of others) traders.push(await enlist(url, name, MONEY));
  return traders;
}

const MONEY = '100000';

async function investmentAccountOf(session: Session): Promise<string | undefined> {
  const { accounts } = await session.ask<{ accounts: { nodes: { id: string; kind: string }[] } }>(ACCOUNTS);
  return accounts.nodes.find(({ kind }) => kind === 'INVESTMENT')?.id;
}

async function openAccount(session: Session, name: string): Promise<string> {
  const { openAccount: opened } = await session.ask<{ openAccount: { id?: string; message?: string } }>(OPEN, {
    input: { kind: 'INVESTMENT', currency: 'USD', name: 'Trading', idempotencyKey: `demo-account-${name}` },
  });
  if (opened.id === undefined) throw new Error(`no account for ${name}: ${opened.message ?? ''}`);
  return opened.id;
}

/** An API key, and the account that it trades for. */
export interface KeyedTrader {
  accountId: string;
  keyId: string;
  secret: string;
}

/** Somebody with money and a key for a day. */
export async function makeKey(url: string, name: string, dollars: string, address?: string): Promise<KeyedTrader> {
  const trader = await enlist(url, name, dollars, address);
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const input = { name: `demo ${new Date().toISOString()}`, scopes: BOT_SCOPES, expiresAt };
  const { createApiKey } = await trader.session.ask<{
    createApiKey: { apiKey?: { keyId: string }; secret?: string; message?: string };
  }>(KEY, { input });
  const { apiKey, secret, message } = createApiKey;
  if (apiKey === undefined || secret === undefined) throw new Error(`no key for ${name}: ${message ?? ''}`);
  return { accountId: trader.accountId, keyId: apiKey.keyId, secret };
}

const BOT_SCOPES = [
  'order:place:own',
  'order:cancel:own',
  'order:read:own',
  'account:read:own',
  'portfolio:read:own',
  'instrument:read',
  'profile:read:own',
];

const ACCOUNTS = '{ accounts(first: 10) { nodes { id kind } } }';
const OPEN = `mutation Open($input: OpenAccountInput!) {
  openAccount(input: $input) { ... on Account { id } ... on Refusal { message } }
}`;
const DEPOSIT = `mutation Deposit($input: DepositInput!) { deposit(input: $input) { __typename } }`;
const KEY = `mutation Key($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { ... on CreatedApiKey { secret apiKey { keyId } } ... on Refusal { message } }
}`;
