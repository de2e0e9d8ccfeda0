import { spawnSync } from 'node:child_process';
import { services } from '@andvari/deploy/services';
import { checkoutRoot } from '@andvari/servers/data-home';
import { buildHere, enterImage, hasPrivateBuildah } from './private-buildah.ts';

/**
 * `make try-images`: builds the image of every service and of seedctl, or of those that are named, without an engine, and runs each as a
 * container would be: `test/image.test.ts` says what must hold. Needs root and the private buildah of `make tools`.
 */
const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : [...services.map(({ name }) => name), 'seedctl'];
if (hasPrivateBuildah()) {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: checkoutRoot, encoding: 'utf8' });
  const failed = names.filter((name) => !isGood(name, stdout.trim()));
  if (failed.length > 0) {
    console.log(`Not as they must be: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
} else {
  console.log('Skipped: images are tried by root with the buildah of `make tools` (docs/operations/compose.md).');
}

function isGood(name: string, commit: string): boolean {
  const tag = `localhost/andvari-${name}:tried`;
  console.log(`\n${name}`);
  const entered = buildHere(name, tag, commit) ? enterImage(tag) : undefined;
  if (entered === undefined) return false;
  try {
    const env = { ...process.env, ANDVARI_IMAGE_ROOT: entered.root, ANDVARI_IMAGE_OF: name };
    const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', 'test/image'], {
      cwd: new URL('..', import.meta.url),
      env,
      stdio: 'inherit',
    });
    return status === 0;
  } finally {
    entered.leave();
  }
}
