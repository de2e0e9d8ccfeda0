import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runWords } from './run-words.ts';

/** What streams backup and restore say of a folder before any server is asked. */
const folder = mkdtempSync(join(tmpdir(), 'andvari-backup-'));
afterAll(() => rmSync(folder, { recursive: true }));

const system = join(folder, 'system.json');
const nobody = { gateway: 'http://127.0.0.1:1', nats: 'nats://127.0.0.1:1', databases: {}, services: {}, keys: {} };
writeFileSync(system, JSON.stringify({ environment: 'test', ...nobody }));

function folderWith(name: string, file: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, file), 'kept');
  return path;
}

test('a backup is not made over another one, nor over anything else', async () => {
  const there = folderWith('there', 'COMMANDS.json');
  const { code, complained } = await runWords('streams', 'backup', there, '--system', system);
  expect({ code, complained }).toEqual({
    code: 1,
    complained: `${there} is not empty: each backup has a folder of its own`,
  });
  expect(readdirSync(there)).toEqual(['COMMANDS.json']);
  expect(readdirSync(folder)).not.toContain('there.part');
});

test.each([
  ['that was broken off', 'broken.part', 'COMMANDS.json', /broken\.part was broken off and is not whole$/],
  ['with nothing of a backup in it', 'other', 'notes.txt', /other holds no backup$/],
  [
    'in which the contents are missing',
    'half',
    'COMMANDS.json',
    /half\/COMMANDS\.json is not of a backup of streams: .*COMMANDS\.tar\.s2/,
  ],
])('nothing is restored from a folder %s', async (_, name, file, says) => {
  const { code, complained } = await runWords('streams', 'restore', folderWith(name, file), '--system', system);
  expect({ code, complained }).toEqual({ code: 1, complained: expect.stringMatching(says) });
});

test('nothing is restored from files that describe no stream', async () => {
  const strange = folderWith('strange', 'COMMANDS.tar.s2');
  writeFileSync(join(strange, 'COMMANDS.json'), '{"scripts":{}}');
  const { code, complained } = await runWords('streams', 'restore', strange, '--system', system);
  expect(code).toBe(1);
  expect(complained).toMatch(/strange\/COMMANDS\.json is not of a backup of streams: .*config/s);
});
