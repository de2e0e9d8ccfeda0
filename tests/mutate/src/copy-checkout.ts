import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataHome } from '@andvari/servers/data-home';

/**
 * A copy of the checkout in which files may be changed: Stryker writes its changes into the files themselves, and what a workspace
 * imports of another must be the changed one too. Packages of others stay where they are.
 */
export function copyCheckout(root: string, to: string): void {
  const kept = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const generated = globSync('packages/proto/gen/**/*.{ts,binpb}', { cwd: root });
  for (const path of [...kept.split('\n'), ...generated]) {
    if (path === '' || path.startsWith('web/') || !existsSync(join(root, path))) continue;
    cpSync(join(root, path), join(to, path));
  }
  for (const folder of globSync('{.,{packages,services,tests}/*}/node_modules', { cwd: root })) {
    for (const name of readdirSync(join(root, folder))) linkPackage(root, to, join(folder, name));
  }
  // The servers that this checkout has fetched; without them each copy would fetch its own.
  const programs = join(dataHome(root).path, 'programs');
  if (existsSync(programs)) link(programs, join(to, '.data/programs'));
}

/** A workspace is linked inside the copy. What begins with a dot is a cache. */
function linkPackage(root: string, to: string, path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.startsWith('.')) return;
  if (name !== '@andvari') {
    link(join(root, path), join(to, path));
    return;
  }
  for (const workspace of readdirSync(join(root, path))) {
    link(readlinkSync(join(root, path, workspace)), join(to, path, workspace));
  }
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
