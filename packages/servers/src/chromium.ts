import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A browser is never downloaded: the machine's is used, wherever its packages put it. */
const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Where it is; undefined where this machine has none. ANDVARI_CHROMIUM goes first, and is believed. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env['ANDVARI_CHROMIUM']) return env['ANDVARI_CHROMIUM'];
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

export const HOW_TO_GET_CHROMIUM =
  'There is no Chromium here. Debian and Ubuntu: apt-get install chromium; or name one: ANDVARI_CHROMIUM=/path/to/it';

/**
 * For what runs in a browser or not at all. Where somebody decides by the result (CI is set) there is no "not at all": a suite
 * that was left out must not look like one that passed.
 */
export function chromiumForTests(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const found = findChromium(env);
  if (found === undefined && env['CI']) throw new Error(HOW_TO_GET_CHROMIUM);
  return found;
}
