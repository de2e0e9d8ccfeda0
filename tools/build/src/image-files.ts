import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { bundle } from './bundle.ts';
import { bundleSeedctl } from './pack-seedctl.ts';
import { copyRuntimePackages } from './runtime-packages.ts';

/** All that an image holds beside Node itself: a service, or seedctl, as `main.mjs` with whatever it reads. */
export async function imageFiles(name: string, out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  cpSync(join(import.meta.dirname, 'answers.ts'), join(out, 'answers.ts'));
  if (name === 'seedctl') {
    await bundleSeedctl(out);
    renameSync(join(out, 'seedctl.mjs'), join(out, 'main.mjs'));
    return;
  }
  const service = join(checkoutRoot, 'services', name);
  if (!existsSync(service)) throw new Error(`there is no service ${name}`);
  const outside = await bundle(service);
  cpSync(join(service, 'dist'), out, { recursive: true });
  copyRuntimePackages(outside, service, out);
  const web = join(checkoutRoot, 'web/dist');
  if (name === 'gateway') cpSync(web, join(out, 'web'), { recursive: true });
}

if (import.meta.main) {
  const [name = '', out = 'image'] = process.argv.slice(2);
  await imageFiles(name, resolve(out));
}
