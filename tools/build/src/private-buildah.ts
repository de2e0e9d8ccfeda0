import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findTool, toolsHome } from '@andvari/get/find-tool';
import { checkoutRoot } from '@andvari/servers/data-home';

/**
 * Buildah without an engine and without being installed, from `make tools`: for root on Debian. A private copy has the libraries of its packages
 * beside it; what it builds and keeps is in .data/images.
 */
const home = join(checkoutRoot, '.data/images');
const debian = join(toolsHome, 'debian');

/** Of what the Dockerfile builds on where nothing can be pulled: Debian's least, with the Node that runs this. */
const BASE = 'localhost/andvari-base';
/** Whom this machine trusts, npm's registry among them, while it builds; nothing of it goes out. */
const TRUSTED = '/run/trusted.crt';

export function hasPrivateBuildah(): boolean {
  return process.getuid?.() === 0 && findTool('buildah') !== undefined;
}

/** Builds an image, its base first where that is not there yet. The layers before the first difference are kept for the next one. */
export function buildHere(name: string, tag: string, commit: string): boolean {
  if (!hasBase() && !makeBase()) return false;
  const npmrc = join(homedir(), '.npmrc');
  const mine = [
    [npmrc, '/root/.npmrc'],
    ['/etc/ssl/certs/ca-certificates.crt', TRUSTED],
  ].flatMap(([from = '', to]) => (existsSync(from) ? ['--volume', `${from}:${to}:ro`] : []));
  const args = { BASE, SERVICE: name, ANDVARI_COMMIT: commit };
  const given = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
  const limits = ['--network', 'host', '--ulimit', 'nofile=20000:20000'];
  // Docker's format keeps the health check.
  return (
    buildah('build', '--format', 'docker', '--layers', ...limits, ...mine, ...given, '--tag', tag, '.').status === 0
  );
}

/** A folder with all that is in an image, to look at and to run; `leave` puts it away. */
export function enterImage(tag: string): { root: string; leave: () => void } | undefined {
  const container = buildah('from', tag).stdout.trim();
  const root = join(home, 'entered');
  const leave = (): void => {
    buildah('rm', container);
    rmSync(root, { recursive: true, force: true });
  };
  mkdirSync(root, { recursive: true });
  // What is mounted is there for buildah alone, so all of it is copied in the same breath.
  const copied = spawnSync(
    'unshare',
    withLibraries(['sh', '-c', 'cp -a "$("$@")/." "$0"', root, ...buildahCommand('mount', container)]),
    { env: buildahEnv(), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (copied.status === 0) return { root, leave };
  leave();
  return undefined;
}

function hasBase(): boolean {
  return buildah('inspect', '--type', 'image', BASE).status === 0;
}

function makeBase(): boolean {
  const folder = join(home, 'base');
  rmSync(folder, { recursive: true, force: true });
  const packages = '--include=ca-certificates,binutils,libatomic1,libstdc++6';
  const bootstrap = [join(debian, 'usr/sbin/debootstrap'), '--variant=minbase', packages, 'bookworm', folder];
  const env = { ...process.env, DEBOOTSTRAP_DIR: join(debian, 'usr/share/debootstrap') };
  console.log('Making a base of Debian …');
  if (spawnSync('sh', bootstrap, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return false;
  cpSync(process.execPath, join(folder, 'usr/local/bin/node'));
  const npm = join(folder, 'usr/local/lib/node_modules/npm');
  cpSync(npmHome(), npm, { recursive: true });
  for (const program of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${program}-cli.js`, join(folder, 'usr/local/bin', program));
  const container = buildah('from', 'scratch').stdout.trim();
  const isMade =
    buildah('add', '--quiet', container, folder, '/').status === 0 &&
    buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin', container).status === 0 &&
    buildah('config', '--env', `NODE_EXTRA_CA_CERTS=${TRUSTED}`, container).status === 0 &&
    buildah('commit', '--quiet', '--rm', container, BASE).status === 0;
  rmSync(folder, { recursive: true, force: true });
  return isMade;
}

/** Where the npm lies that is asked for by its name. */
function npmHome(): string {
  const { stdout } = spawnSync('npm', ['root', '--global'], { encoding: 'utf8' });
  return realpathSync(join(stdout.trim(), 'npm'));
}

function buildah(...args: string[]): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync('unshare', withLibraries(buildahCommand(...args)), {
    cwd: checkoutRoot,
    env: buildahEnv(),
    encoding: 'utf8',
    stdio: ['ignore', args[0] === 'build' ? 'inherit' : 'pipe', args[0] === 'inspect' ? 'ignore' : 'inherit'],
  });
  return { status, stdout: stdout ?? '' };
}

/** A layer is what differs, not a copy of all: a quarter of the time and of the disk that `vfs` takes. */
function buildahCommand(...args: string[]): string[] {
  const where = ['--root', join(home, 'layers'), '--runroot', join(home, 'run'), '--storage-driver', 'overlay'];
  return [findTool('buildah') ?? '', ...where, ...args];
}

function buildahEnv(): NodeJS.ProcessEnv {
  const config = join(home, 'home/.config/containers');
  mkdirSync(config, { recursive: true });
  // Everything here comes from here.
  writeFileSync(join(config, 'policy.json'), JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const own = { HOME: join(home, 'home'), XDG_CONFIG_HOME: join(home, 'home/.config'), BUILDAH_ISOLATION: 'chroot' };
  return { ...process.env, ...own };
}

/** With the private libraries laid over the machine's, which nobody else sees: buildah starts itself anew without our LD_LIBRARY_PATH. */
function withLibraries(command: readonly string[]): string[] {
  const folders = readdirSync(join(debian, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  const mounts = folders.map((name) => {
    const [ours, system] = [join(debian, 'usr/lib', name), join('/usr/lib', name)];
    return `mount -t overlay overlay -o 'lowerdir=${ours}:${system}' '${system}' && `;
  });
  return ['--mount', 'sh', '-c', `${mounts.join('')}exec "$@"`, 'sh', ...command];
}
