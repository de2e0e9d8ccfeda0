import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '@andvari/servers/child';
import { startTestInfra, type TestInfra } from '@andvari/servers/test-infra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBuilt } from './running.ts';

/**
 * What an image holds, unpacked to a folder that `ANDVARI_IMAGE_ROOT` names (docs/operations/compose.md says how), run as a container would be:
 * in that root, which it cannot write to, as nobody. Needs to be root for that.
 */
const root = process.env['ANDVARI_IMAGE_ROOT'] ?? '';
const isTried = root !== '' && process.getuid?.() === 0;
/** seedctl says what it can and ends; all others serve. */
const isCommand = process.env['ANDVARI_IMAGE_OF'] === 'seedctl';
const START_MS = 1500;
const MOST_MB = 150;

test.runIf(isTried && isCommand)('the image of a command says what it can', () => {
  const { status, stdout } = spawnSync('unshare', inRoot(['/app/main.mjs', '--help']), { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain('verify');
});

describe.skipIf(!isTried || isCommand)('an image of a service', () => {
  let infra: TestInfra;
  let child: Child | undefined;
  beforeAll(async () => {
    infra = await startTestInfra();
  }, 60_000);
  afterAll(async () => {
    await child?.stop({ signal: 'SIGKILL' });
    await infra.stop();
  });

  test('is ready soon, is nobody, and ends with 0 when it is told to', { timeout: 60_000 }, async () => {
    // The first start makes the tables.
    for (const attempt of ['first', 'second']) {
      const env = { NODE_COMPILE_CACHE: '/app/compile-cache' };
      const running = await startBuilt(infra, { command: 'unshare', args: inRoot(['/app/main.mjs']), env });
      const { startMs } = running;
      child = running.child;
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      expect(/^Uid:\s+(.*)$/m.exec(status)?.[1]).toBe('10001\t10001\t10001\t10001');
      process.stdout.write(`the ${attempt} start took ${Math.round(startMs)} ms\n`);
      if (attempt === 'second') expect(startMs).toBeLessThan(START_MS);
      await child.stop({ signal: 'SIGTERM' });
      expect(await child.exited).toBe('exit code 0');
    }
  });
});

describe.skipIf(!isTried)('an image as it lies', () => {
  test('cannot be written to but in /tmp, and holds no shell', () => {
    expect(tryToWrite('/tmp/x')).toBe(0);
    for (const path of ['/app/x', '/etc/x', '/x']) expect(tryToWrite(path), path).not.toBe(0);
    for (const tool of ['bin/sh', 'usr/bin/sh', 'bin/busybox', 'usr/bin/apt-get', 'app/npm']) {
      expect(existsSync(join(root, tool)), tool).toBe(false);
    }
  });

  test(`takes less than ${MOST_MB} MB`, () => {
    const { stdout } = spawnSync('du', ['-s', '--block-size=1000000', root], { encoding: 'utf8' });
    process.stdout.write(`${stdout.split('\t')[0] ?? ''} MB unpacked\n`);
    expect(Number.parseInt(stdout, 10)).toBeLessThan(MOST_MB);
  });
});

function tryToWrite(path: string): number | null {
  return spawnSync('unshare', inRoot(['-e', `require('node:fs').writeFileSync('${path}', '')`])).status;
}

/** Each becomes the next, so that a signal to the first reaches Node. */
function inRoot(node: readonly string[]): string[] {
  const mounts =
    'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"';
  const enter = 'root="$0"; exec chroot --userspec=10001:10001 "$root" /app/node "$@"';
  return ['--mount', 'sh', '-c', `${mounts} && ${enter}`, root, ...node];
}
