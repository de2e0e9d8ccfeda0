import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * What a browser gets, from the files as they are served: the build's budgets and the bench count the same. Before a file is written
 * it is smaller, because the names of its neighbours are not in it yet.
 */
export interface Size {
  name: string;
  kb: number;
}

/** What the page names itself, so that it comes before anything else. */
export function initialSizesOf(dist: string): { scripts: Size[]; styles: Size[] } {
  const index = readFileSync(join(dist, 'index.html'), 'utf8');
  const named = (ending: string): Size[] =>
    [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)]
      .map(([, file = '']) => file)
      .filter((file) => file.endsWith(ending))
      .map((file) => sizeOf(dist, file));
  return { scripts: named('.js'), styles: named('.css') };
}

/** What comes when a page asks for it. */
export function laterSizesOf(dist: string): Size[] {
  const first = new Set(initialSizesOf(dist).scripts.map(({ name }) => name));
  return readdirSync(join(dist, 'assets'))
    .filter((file) => file.endsWith('.js') && !first.has(`assets/${file}`))
    .map((file) => sizeOf(dist, `assets/${file}`));
}

export const sumOf = (sizes: readonly Size[]): number => sizes.reduce((sum, { kb }) => sum + kb, 0);

const sizeOf = (dist: string, name: string): Size => ({
  name,
  kb: gzipSync(readFileSync(join(dist, name)), { level: 9 }).length / 1024,
});
