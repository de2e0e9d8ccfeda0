import { cpSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** What nobody runs: types and sources in TypeScript, which Node does not read here, maps, other people's pages. Licences stay. */
const UNUSED = /(\.[cm]?ts|\.map|\.md|\.markdown|\.tsbuildinfo|\/(?:test|tests|__tests__|\.github)\/.*)$/i;

/**
 * Copies the installed packages that a bundle left outside, and what those need, to beside it: the very versions that were
 * tested, with nothing asked of a registry.
 */
export function copyRuntimePackages(names: readonly string[], from: string, out: string): void {
  const found = new Map<string, string>();
  for (const name of names) collect(name, from, found);
  for (const [place, folder] of found) {
    cpSync(folder, join(out, place), {
      recursive: true,
      // A package inside of another is one of its own, and is copied as such where it is needed.
      filter: (path) => !UNUSED.test(path) && !path.slice(folder.length).includes(`${sep}node_modules`),
    });
  }
}

/** By its place below the checkout's node_modules, so that each finds the others as it does here. */
function collect(name: string, from: string, found: Map<string, string>): void {
  const folder = folderOf(name, from);
  if (folder === undefined) return;
  const below = relative(checkoutRoot, folder);
  // One of a workspace's own stands beside the bundle, whose code the workspace's is.
  const place = below.slice(below.indexOf('node_modules'));
  if (found.has(place)) return;
  found.set(place, folder);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = manifest;
  const peers = Object.keys(peerDependencies ?? {}).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
  for (const needed of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers])
    collect(needed, folder, found);
}

/** As Node looks for it; what is for another system than this one is not installed, and not found. */
function folderOf(name: string, from: string): string | undefined {
  for (let folder = from; folder.startsWith(checkoutRoot); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
  }
  return undefined;
}
