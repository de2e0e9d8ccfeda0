import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** How often the whole heap is collected while the same garbage is made, in a process whose heap has a small limit. */
async function collections(...given: string[]): Promise<number> {
  const script = join(import.meta.dirname, 'fixtures/garbage.ts');
  const flags = ['--max-old-space-size=240', '--max-semi-space-size=4'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, ...given]);
  return Number(stdout);
}

test('a heap that may grow by more than V8 lets a small one is collected as a whole half as often at the most', async () => {
  const [byDefault, grown] = [await collections(), await collections('300')];
  expect(byDefault).toBeGreaterThan(4);
  expect(grown).toBeGreaterThan(0);
  expect(grown * 2).toBeLessThanOrEqual(byDefault);
});
