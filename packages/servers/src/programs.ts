import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { plainEnv } from './child.ts';
import { privateCopies } from './private-copies.ts';
import type { ProgramName } from './program-name.ts';

export type ProgramOrigin = 'path' | 'private';

export interface Program {
  name: ProgramName;
  bin: string;
  env: NodeJS.ProcessEnv;
  version: string;
  origin: ProgramOrigin;
}

export interface Search {
  /** The data folder; private copies lie in its `programs/`. */
  home: string;
  /** Look in one place only. */
  only?: ProgramOrigin;
  /** Told about everything that takes more than a moment. */
  report?: (step: string) => void;
}

/** Finds programs on the machine, and gets private copies of the others without root. Those that cannot be had are absent. */
export async function findPrograms(
  names: ProgramName[],
  search: Search,
): Promise<{ found: Partial<Record<ProgramName, Program>>; trouble: string[] }> {
  const found: Partial<Record<ProgramName, Program>> = {};
  const trouble: string[] = [];
  if (search.only !== 'private') {
    for (const name of names) {
      const program = onThisMachine(name);
      if (program) found[name] = program;
    }
  }
  const missing = names.filter((name) => found[name] === undefined);
  if (missing.length > 0 && search.only !== 'path') {
    const copies = await privateCopies(missing, search.home, search.report ?? (() => {}));
    trouble.push(...copies.trouble);
    for (const name of missing) {
      const tree = copies.trees[name];
      const program = tree === undefined ? undefined : inTree(name, tree);
      if (program) found[name] = program;
      else if (tree !== undefined) trouble.push(`the copy of ${titles[name]} in ${tree} does not run here`);
    }
  }
  return { found, trouble };
}

/** All of them, or one message that says what is missing and the command that gets it. */
export async function requirePrograms(search: Search): Promise<Record<ProgramName, Program>> {
  const { found, trouble } = await findPrograms(['postgres', 'nats', 'redis'], search);
  const { postgres, nats, redis } = found;
  if (postgres && nats && redis) return { postgres, nats, redis };
  const missing = (['postgres', 'nats', 'redis'] as const).filter((name) => found[name] === undefined);
  throw new Error(missingMessage(missing, trouble));
}

export function missingMessage(missing: ProgramName[], trouble: string[], otherWay?: string): string {
  const names = missing.map((name) => titles[name]).join(', ');
  return [
    `Missing: ${names}. Get it with`,
    `    sudo apt-get install -y ${missing.map((name) => packages[name]).join(' ')}`,
    `or on a Mac`,
    `    brew install ${missing.map((name) => brews[name]).join(' ')}`,
    ...(otherWay === undefined ? [] : [otherWay]),
    ...trouble.map((line) => `(Tried without: ${line})`),
  ].join('\n');
}

export const titles: Record<ProgramName, string> = { postgres: 'PostgreSQL', nats: 'NATS', redis: 'Redis' };
export const urls: Record<ProgramName, string> = { postgres: 'POSTGRES_URL', nats: 'NATS_URL', redis: 'REDIS_URL' };
const packages: Record<ProgramName, string> = { postgres: 'postgresql', nats: 'nats-server', redis: 'redis-server' };
const brews: Record<ProgramName, string> = { postgres: 'postgresql@17', nats: 'nats-server', redis: 'redis' };
const binaries: Record<ProgramName, string[]> = {
  postgres: ['postgres'],
  nats: ['nats-server'],
  redis: ['redis-server', 'valkey-server'],
};

function onThisMachine(name: ProgramName): Program | undefined {
  // An ordinary user's PATH often lacks the sbin folders, where Debian puts nats-server.
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin'];
  if (name === 'postgres') folders.push(...debianPostgres('/'));
  return firstThatRuns(name, folders, {}, 'path');
}

function inTree(name: ProgramName, tree: string): Program | undefined {
  const libraries = ['usr/lib', 'lib']
    .map((folder) => join(tree, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((entry) => join(folder, entry)))
    .filter((folder) => folder.endsWith('-linux-gnu'));
  const folders = [...debianPostgres(tree), ...['usr/bin', 'usr/sbin'].map((folder) => join(tree, folder))];
  const env = libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {};
  return firstThatRuns(name, folders, env, 'private');
}

function firstThatRuns(
  name: ProgramName,
  folders: string[],
  env: NodeJS.ProcessEnv,
  origin: ProgramOrigin,
): Program | undefined {
  for (const folder of folders) {
    for (const binary of binaries[name]) {
      const path = join(folder, binary);
      if (!isExecutable(path)) continue;
      // PostgreSQL finds its files from where it really lies, and initdb must be there too.
      const bin = name === 'postgres' ? realpathSync(path) : path;
      if (name === 'postgres' && !isExecutable(join(dirname(bin), 'initdb'))) continue;
      const version = versionOf(bin, env);
      if (version !== undefined) return { name, bin, env, version, origin };
    }
  }
  return undefined;
}

/** Newest first. */
function debianPostgres(root: string): string[] {
  const base = join(root, 'usr/lib/postgresql');
  if (!existsSync(base)) return [];
  const versions = readdirSync(base).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(base, version, 'bin'));
}

function versionOf(bin: string, env: NodeJS.ProcessEnv): string | undefined {
  try {
    const text = execFileSync(bin, ['--version'], { env: plainEnv(env), encoding: 'utf8', stdio: 'pipe' });
    return /(\d+(?:\.\d+)+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
