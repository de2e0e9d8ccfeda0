import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import type { Locked } from './licences.ts';

const component = z.object({
  name: z.string(),
  version: z.string(),
  purl: z.string().startsWith('pkg:npm/'),
  hashes: z.array(z.object({ alg: z.literal('SHA-512'), content: z.string().length(128) })).optional(),
  licenses: z.array(z.unknown()).optional(),
});
const bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.looseObject({ ...component.shape, 'bom-ref': z.string() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

type Packages = Readonly<Record<string, Locked>>;

/**
 * What is shipped, as CycloneDX: out of the lock file alone, so that no network and no installation is needed. What to leave out the lock file says as well:
 * `npm sbom --omit dev` loses what is shipped too where a tool needs it.
 */
export function billOfMaterials(root: string, packages: Packages): string {
  const asked = spawnSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (asked.status !== 0) throw new Error(`npm sbom: ${asked.stderr}`);
  const whole = bill.parse(JSON.parse(asked.stdout));
  const shipped = new Set(shippedIn(packages));
  const components = whole.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
  const refs = new Set(components.map((one) => one['bom-ref']));
  const dependencies = whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return `${JSON.stringify({ ...whole, components, dependencies }, null, 2)}\n`;
}

/** Packages of others that a bill leaves out, or names without what tells them from another of that name. */
export function unaccountedIn(text: string, packages: Packages): string[] {
  const listed = new Map(bill.parse(JSON.parse(text)).components.map((one) => [`${one.name}@${one.version}`, one]));
  return shippedIn(packages).filter((named) => {
    const found = listed.get(named);
    return found?.hashes === undefined || found.licenses === undefined;
  });
}

/** Packages of others, as `name@version`. */
function shippedIn(packages: Packages): string[] {
  const named = Object.entries(packages).flatMap(([path, { version, dev = false, link = false }]) => {
    if (dev || link || !path.includes('node_modules/')) return [];
    return [`${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`];
  });
  return [...new Set(named)];
}
