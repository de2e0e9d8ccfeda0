import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';

/** Where a tool comes from when the machine lacks it; the versions are pinned in infra/tools.json. */
export interface ToolSource {
  from: 'go' | 'pypi' | 'debian';
  /** Of Debian several where it takes them, with spaces between. */
  package: string;
}

export type ToolName =
  | 'helm'
  | 'kubernetes-validate'
  | 'hadolint'
  | 'locust'
  | 'prometheus'
  | 'promtool'
  | 'buildah'
  | 'alertmanager'
  | 'amtool';

export const toolSources = JSON.parse(readFileSync(join(checkoutRoot, 'infra/tools.json'), 'utf8')) as Record<
  ToolName,
  ToolSource
>;

/** Private copies of all checkouts: they are large and slow to build. */
export const toolsHome =
  process.env.ANDVARI_TOOLS ??
  join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '/tmp', '.cache'), 'andvari/tools');

export const toolFolders = [
  join(toolsHome, 'bin'),
  join(toolsHome, 'python/bin'),
  join(toolsHome, 'debian/usr/bin'),
] as const;

/** A tool that operators' checks need: a private copy, else the machine's own, else nothing (`make tools` gets it). */
export function findTool(name: ToolName): string | undefined {
  const folders = [...toolFolders, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
