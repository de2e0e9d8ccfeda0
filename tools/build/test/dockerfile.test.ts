import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '@andvari/get/find-tool';
import { checkoutRoot } from '@andvari/servers/data-home';
import { expect, test } from 'vitest';

const dockerfile = readFileSync(join(checkoutRoot, 'Dockerfile'), 'utf8');
const hadolint = findTool('hadolint');

test.skipIf(hadolint === undefined)(
  'hadolint finds nothing in the Dockerfile, and something in one that is wrong',
  () => {
    const { stdout, status } = lint(dockerfile);
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
    expect(lint(dockerfile.replace('WORKDIR /src', 'WORKDIR src')).stdout).toContain('DL3000');
  },
);

test('what goes out runs as nobody, from nothing, and is asked without a shell', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  expect(last).toMatch(/^\nFROM scratch$/m);
  expect(last).toMatch(/^USER 10001:10001$/m);
  expect(last).toMatch(/^HEALTHCHECK .*CMD \[/m);
  expect(last).toMatch(/^ENTRYPOINT \[/m);
  expect(last).not.toMatch(/^RUN /m);
});

function lint(text: string) {
  return spawnSync(hadolint ?? '', ['--no-color', '-'], { input: text, encoding: 'utf8' });
}
