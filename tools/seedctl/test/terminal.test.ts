import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** As a shell starts it: what it says goes to whoever reads it, or to nobody. */
const source = join(import.meta.dirname, '../src');
const completion = [join(source, 'main.ts'), 'completion', 'bash'];
/** As `events tail` says one table after the other. */
const twoThings = `
  import { openTerminal } from '${join(source, 'terminal.ts')}';
  const terminal = openTerminal();
  terminal.out('one');
  await new Promise((done) => setImmediate(done));
  terminal.out('two');
  process.exitCode = 3;
`;

async function endOf(child: ReturnType<typeof spawn>): Promise<{ code: number | null; complained: string }> {
  let complained = '';
  child.stderr?.on('data', (text: Buffer) => (complained += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, complained };
}

test('whoever reads no further, as head does, ends it without a word', { timeout: 60_000 }, async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', twoThings], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  expect(await endOf(child)).toEqual({ code: 0, complained: '' });
});

test('an answer that cannot be written is a failure and said', { timeout: 60_000 }, async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, completion, { stdio: ['ignore', full, 'pipe'] });
  const { code, complained } = await endOf(child);
  expect({ code, complained }).toEqual({ code: 1, complained: expect.stringContaining('ENOSPC') });
});
