import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeyedTrader, makeKey } from '@andvari/demo/people';

/** A little less than a key lives. */
const GOOD_FOR_MS = 80_000_000;

/** A file of people with money and API keys, made once and used again for a day, as each costs a sign-in. */
export async function keepPeople(url: string, count: number, home: string): Promise<string> {
  const path = join(home, `people-${count}.json`);
  if (isGood(path, url)) return path;
  console.log(
    `Making ${count} people with money and keys, once; slow where the gateway does not believe their addresses …`,
  );
  const made: KeyedTrader[] = [];
  for (let at = 0; at < count; at += 1) made.push(await makeKey(url, `load-${at}`, '1000000', addressOf(at)));
  writeFileSync(path, JSON.stringify(made), { mode: 0o600 });
  writeFileSync(`${path}.made`, JSON.stringify({ madeAt: Date.now(), url }));
  return path;
}

function isGood(path: string, url: string): boolean {
  if (!existsSync(path)) return false;
  const made = JSON.parse(readFileSync(`${path}.made`, 'utf8')) as { madeAt: number; url: string };
  return Date.now() - made.madeAt < GOOD_FOR_MS && made.url === url;
}

export const readPeople = (path: string): KeyedTrader[] => JSON.parse(readFileSync(path, 'utf8')) as KeyedTrader[];

/** One for each, of a network that is kept for measuring; the same as the locustfile's. */
function addressOf(number: number): string {
  return `198.18.${Math.floor(number / 250)}.${(number % 250) + 1}`;
}
