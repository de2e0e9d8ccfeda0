import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { rolldown } from 'rolldown';

/**
 * Packs seedctl as a package of npm that needs nothing but Node: all that it imports is in its one file. It knows no checkout, so that it is
 * always about a system that a file names. Answers where the tarball is.
 */
export async function packSeedctl(out: string): Promise<string> {
  const seedctl = join(checkoutRoot, 'tools/seedctl');
  const { version } = JSON.parse(readFileSync(join(seedctl, 'package.json'), 'utf8')) as { version: string };
  const folder = join(out, 'package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await bundleSeedctl(folder);
  for (const file of ['LICENSE', 'NOTICE']) copyFileSync(join(checkoutRoot, file), join(folder, file));
  copyFileSync(join(checkoutRoot, 'docs/operations/seedctl.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(version), null, 2)}\n`);
  const [tarball] = execFileSync('npm', ['pack', '--silent', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .slice(-1);
  return join(out, tarball ?? '');
}

function manifestOf(version: string) {
  return {
    name: '@andvari/seedctl',
    version,
    description: 'Looks after a running Andvari system',
    license: 'Apache-2.0',
    type: 'module',
    bin: { seedctl: 'seedctl.mjs' },
    engines: { node: '>=24' },
  };
}

/** Some packages inside know files of theirs by where they lie; seedctl serves nothing and reads none of those. */
const BANNER = '#!/usr/bin/env node\nconst __dirname = import.meta.dirname;';

/** All of it in one file. */
export async function bundleSeedctl(folder: string): Promise<void> {
  const build = await rolldown({
    input: join(checkoutRoot, 'tools/seedctl/src/main.ts'),
    platform: 'node',
    transform: { define: { ANDVARI_COMMIT: JSON.stringify('packed') } },
    onLog: (level, log) => {
      if (level === 'warn' && log.code !== 'EVAL' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT')
        console.warn(log.message);
    },
  });
  await build.write({ file: join(folder, 'seedctl.mjs'), format: 'esm', banner: BANNER, codeSplitting: false });
  await build.close();
  chmodSync(join(folder, 'seedctl.mjs'), 0o755);
}

if (import.meta.main) {
  const out = resolve(process.argv[2] ?? 'dist');
  mkdirSync(out, { recursive: true });
  console.log(await packSeedctl(out));
}
