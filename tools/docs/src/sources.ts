import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The TypeScript of the services and of the kit, as it lies in the checkout. */
export function servicesAndKit(): Source[] {
  const patterns = ['services/*/src/**/*.ts', 'services/*/src/*.ts', 'packages/kit/src/**/*.ts'];
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\n'))]
    .filter((path) => path !== '')
    .toSorted()
    .flatMap((path) => {
      const text = textOf(path);
      return text === undefined ? [] : [{ path, text }];
    });
}

export function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    // Deleted in the work tree, still in the index.
    return undefined;
  }
}
