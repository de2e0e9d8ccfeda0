import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeCompose } from './compose.ts';
import { stopSystem } from './stop-system.ts';

/** Private copies of programs hold no data and take minutes to get again on a slow line. */
const kept = new Set(['programs']);

/** Stops what runs of a checkout and removes all that it has kept, and on request what it has fetched. */
export async function removeData(
  root: string,
  home: string,
  options: { readonly programsToo?: boolean } = {},
): Promise<{ stopped: boolean; removed: readonly string[] }> {
  const stopped = await stopSystem(home);
  await removeCompose(root, home);
  const entries = existsSync(home) ? readdirSync(home) : [];
  const removed = entries.filter((entry) => options.programsToo === true || !kept.has(entry));
  for (const entry of removed) rmSync(join(home, entry), { recursive: true, force: true });
  return { stopped, removed };
}
