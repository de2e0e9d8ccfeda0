import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock.ts';
import type { ProgramName } from './program-name.ts';
import { isRecord } from './record.ts';

const run = promisify(execFile);

export interface PrivateCopies {
  /** Per program, a folder laid out like `/`. */
  trees: Partial<Record<ProgramName, string>>;
  trouble: string[];
}

/**
 * Copies of Debian's packages under `<home>/programs`, unpacked and not installed: no root, nothing of the system is touched. apt runs
 * on lists and caches of its own, with the machine's sources and keys.
 */
export async function privateCopies(
  names: ProgramName[],
  home: string,
  report: (step: string) => void,
): Promise<PrivateCopies> {
  const programs = join(home, 'programs');
  const treeOf = (name: ProgramName) => join(programs, name);
  const present = () => names.filter((name) => existsSync(treeOf(name)));
  const copies = (trouble: string[]): PrivateCopies => ({
    trees: Object.fromEntries(present().map((name) => [name, treeOf(name)])),
    trouble,
  });
  if (present().length === names.length) return copies([]);
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) {
    return copies(['private copies need apt-get and dpkg-deb, as Debian and Ubuntu have them']);
  }
  mkdirSync(programs, { recursive: true });
  return withLock(join(programs, 'lock'), 180_000, async () => {
    const missing = names.filter((name) => !existsSync(treeOf(name)));
    try {
      if (missing.length > 0) {
        const apt = await privateApt(programs, report);
        for (const name of missing) await fetchTree(name, treeOf(name), apt, report);
        // Lists and caches are ten times what was wanted from them.
        rmSync(apt.folder, { recursive: true, force: true });
      }
      return copies([]);
    } catch (error) {
      return copies([lastLines(error)]);
    }
  });
}

interface Apt {
  folder: string;
  env: NodeJS.ProcessEnv;
}

async function privateApt(programs: string, report: (step: string) => void): Promise<Apt> {
  const folder = join(programs, 'apt');
  for (const sub of ['state/lists/partial', 'cache/archives/partial', 'log']) {
    mkdirSync(join(folder, sub), { recursive: true });
  }
  const config = join(folder, 'apt.conf');
  // An empty package status makes apt name every package a program needs, however this machine is set up. The clears undo what
  // container images configure: hooks that tidy the system's own cache.
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(
    config,
    `#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Dir::State "${folder}/state";
Dir::State::Lists "${folder}/state/lists";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Log "${folder}/log";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
`,
  );
  const apt: Apt = { folder, env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } };
  const stamp = join(folder, 'updated');
  const dayMs = 86_400_000;
  if (!existsSync(stamp) || Date.now() - statSync(stamp).mtimeMs > dayMs) {
    report('Reading the package lists (private copy, about 10 MB)');
    // One unreachable source must not matter: whether what we need is there, shows below.
    await aptGet(apt, ['update'], folder).catch(() => {});
    writeFileSync(stamp, '');
  }
  return apt;
}

async function fetchTree(name: ProgramName, tree: string, apt: Apt, report: (step: string) => void): Promise<void> {
  const wanted = await packagesOf(name, apt);
  report(`Fetching ${wanted.join(' ')}`);
  const debs = `${tree}.debs`;
  const unpacked = `${tree}.unpacking`;
  for (const folder of [debs, unpacked]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  await aptGet(apt, ['download', ...wanted], debs);
  for (const deb of readdirSync(debs)) await run('dpkg-deb', ['-x', join(debs, deb), unpacked]);
  rmSync(debs, { recursive: true, force: true });
  renameSync(unpacked, tree);
}

const seeds: Record<ProgramName, string> = { postgres: 'postgresql', nats: 'nats-server', redis: 'redis-server' };
const ownPackages: Record<ProgramName, RegExp> = {
  postgres: /^postgresql-\d+$/,
  nats: /^nats-server$/,
  redis: /^redis-(server|tools)$/,
};
/** Only the JIT wants LLVM, and it is off. */
const unwanted = /^lib(llvm|z3)|^libc6$|^libc-|-perl$/;

/** The program's own packages, and those libraries that the machine lacks. */
async function packagesOf(name: ProgramName, apt: Apt): Promise<string[]> {
  const plan = await aptGet(apt, ['--simulate', 'install', seeds[name]], apt.folder);
  const needed = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, found]) => found ?? '');
  const status = await run('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n']);
  const installed = new Set([...status.stdout.matchAll(/^installed (\S+)$/gm)].map(([, found]) => found));
  return needed.filter(
    (found) =>
      ownPackages[name].test(found) || (/^(lib|lua-)/.test(found) && !unwanted.test(found) && !installed.has(found)),
  );
}

async function aptGet(apt: Apt, args: string[], cwd: string): Promise<string> {
  const { stdout } = await run('apt-get', ['-q', '-c', join(apt.folder, 'apt.conf'), ...args], {
    cwd,
    env: apt.env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

function lastLines(error: unknown): string {
  const stderr = isRecord(error) && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  const text = stderr || (error instanceof Error ? error.message : String(error));
  return text.split('\n').slice(-3).join(' / ');
}
