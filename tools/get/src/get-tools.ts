import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, HOW_TO_GET_CHROMIUM } from '@andvari/servers/chromium';
import { findTool, type ToolName, toolSources, toolsHome } from './find-tool.ts';

/** `make tools`: gets what operators' checks need, without root and outside of the checkout. Says what could not be had. */
const wanted = process.argv.slice(2).filter((name): name is ToolName => name in toolSources);
const names = wanted.length > 0 ? wanted : (Object.keys(toolSources) as ToolName[]);
const missing: ToolName[] = [];
for (const name of names) {
  if (findTool(name) === undefined) get(name);
  const found = findTool(name);
  if (found === undefined) missing.push(name);
  else console.log(`${name.padEnd(24)} ${found}`);
}
for (const name of missing) console.log(`${name.padEnd(24)} could not be had (${toolSources[name].package})`);
const hasAll = wanted.length > 0 || getChromium();
process.exitCode = missing.length === 0 && hasAll ? 0 : 1;

/** A browser leans on so much of a machine that it cannot be a private copy: whoever may install it does, others are told how. */
function getChromium(): boolean {
  if (findChromium() === undefined && process.getuid?.() === 0) {
    console.log('Installing chromium …');
    debian(['install', '--yes', '--no-install-recommends', 'chromium']);
  }
  const found = findChromium();
  console.log(found === undefined ? HOW_TO_GET_CHROMIUM : `${'chromium'.padEnd(24)} ${found}`);
  return found !== undefined;
}

/** A new machine may have no list of packages yet, or an old one. */
function debian(args: string[], cwd?: string): void {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (run('apt-get', args, env, cwd)) return;
  if (process.getuid?.() === 0 && run('apt-get', ['update', '--quiet'], env)) run('apt-get', args, env, cwd);
}

function get(name: ToolName): void {
  const { from, package: wantedPackage } = toolSources[name];
  console.log(`Getting ${wantedPackage} …`);
  mkdirSync(toolsHome, { recursive: true });
  if (from === 'go') {
    // A fifth of the time goes into collecting the compiler's garbage, unless it may keep some.
    run('go', ['install', '-ldflags=-s -w', wantedPackage], {
      GOBIN: join(toolsHome, 'bin'),
      GOFLAGS: '-p=2',
      GOGC: '400',
    });
  } else if (from === 'pypi') {
    const python = join(toolsHome, 'python');
    if (!existsSync(join(python, 'bin/pip'))) run('python3', ['-m', 'venv', python]);
    run(join(python, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', wantedPackage]);
  } else {
    const debs = join(toolsHome, 'debs');
    mkdirSync(debs, { recursive: true });
    debian(['download', ...wantedPackage.split(' ')], debs);
    for (const deb of readdirSync(debs)) run('dpkg-deb', ['-x', join(debs, deb), join(toolsHome, 'debian')]);
    rmSync(debs, { recursive: true, force: true });
  }
}

function run(command: string, args: string[], env: Record<string, string> = {}, cwd = toolsHome): boolean {
  const { status, error } = spawnSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  if (status !== 0)
    console.log(`  ${command} ${args[0] ?? ''} failed${error === undefined ? '' : `: ${error.message}`}`);
  return status === 0;
}
