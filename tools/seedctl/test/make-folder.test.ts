import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from '../src/make-folder.ts';
import { nowhere } from './nowhere.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'andvari-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

const places = join(folder, 'nowhere.json');
writeFileSync(places, JSON.stringify(nowhere));

// Where nothing can be made Node's own way of making all folders of a path asks without end, and hears no signal.
test.skipIf(process.platform !== 'linux').each([
  ['streams backup', ['streams', 'backup', '/proc/andvari/backup', '--system', places]],
  ['certs', ['certs', '/proc/andvari/certs']],
])('%s says of a folder that cannot be made that it cannot, and ends', (_, words) => {
  const { status, stderr } = spawnSync(process.execPath, [main, ...words], {
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^\/proc\/andvari cannot be made: ENOENT.*\n$/),
  });
});

test('a folder is made with all above it, for nobody else to look into, and is left alone where it is there', () => {
  const deep = join(folder, 'a/b/c');
  makeFolder(deep);
  makeFolder(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
});
