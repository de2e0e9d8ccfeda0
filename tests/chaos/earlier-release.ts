import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';

/**
 * The release before this one: the last tag, else the commit before the newest migration, so that there is a schema to move.
 * `ANDVARI_UPGRADE_FROM` names another.
 */
export function earlierRelease(): string {
  const given = process.env['ANDVARI_UPGRADE_FROM'];
  if (given !== undefined && given !== '') return git('rev-parse', given);
  const tag = git('tag', '--merged', 'HEAD', '--sort=-creatordate').split('\n')[0] ?? '';
  if (tag !== '') return git('rev-parse', `${tag}^{commit}`);
  const [migrated = 'HEAD'] = git('log', '-1', '--format=%H', '--', '*/migrations/*.sql').split('\n');
  return git('rev-parse', `${migrated}^`);
}

/** A folder with that commit as it was, on the packages that are installed here, and its contracts' code generated. */
export function checkOut(commit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'andvari-release-'));
  const archive = execFileSync('git', ['archive', commit], { cwd: checkoutRoot, maxBuffer: 1 << 28 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  linkPackages(folder);
  execFileSync(process.execPath, [join(folder, 'packages/proto/src/generate.ts')], { cwd: folder });
  return folder;
}

/** Each workspace is the folder's own; what others made is that of this checkout. */
function linkPackages(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@andvari'), { recursive: true });
  for (const name of readdirSync(join(checkoutRoot, 'node_modules'))) {
    if (name !== '@andvari') symlinkSync(join(checkoutRoot, 'node_modules', name), join(modules, name));
  }
  const manifests = ['packages', 'services', 'tools', 'infra'].map((place) => `${place}/*/package.json`);
  for (const manifest of globSync([...manifests, 'deploy/package.json'], { cwd: folder })) {
    const { name } = JSON.parse(readFileSync(join(folder, manifest), 'utf8')) as { name: string };
    symlinkSync(join(folder, dirname(manifest)), join(modules, name));
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: checkoutRoot, encoding: 'utf8' }).trim();
}
