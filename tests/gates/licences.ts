import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package as package-lock.json has it. */
export interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

/** What is shipped: in images, bundles, and what a browser loads. */
const SHIPPED = ['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'OFL-1.1'];
/** What only builds and tests: nothing of it leaves the machine that does. */
const TOOLS = [...SHIPPED, 'MPL-2.0', 'BlueOak-1.0.0', 'Python-2.0', 'Zlib', 'CC-BY-4.0'];

export interface Misfit {
  readonly package: string;
  readonly licence: string;
}

/** Packages of others under a licence that nobody here has agreed to, or that say none. */
export function licenceMisfits(packages: Readonly<Record<string, Locked>>): Misfit[] {
  return Object.entries(packages).flatMap(([path, { license = 'none', dev = false, link = false }]) => {
    if (link || !path.includes('node_modules/')) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return allows(dev ? TOOLS : SHIPPED, license) ? [] : [{ package: name, licence: license }];
  });
}

/** An SPDX expression without nesting, as npm has them: of what OR joins one is enough, of what AND joins all are needed. */
function allows(list: readonly string[], expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => list.includes(licence.trim())));
}

export function lockedPackages(root: string): Readonly<Record<string, Locked>> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  return lock.packages;
}
