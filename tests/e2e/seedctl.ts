import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '@andvari/seedctl/commands';
import { misfits } from '@andvari/seedctl/output-lines';
import { runSeedctl } from '@andvari/seedctl/run';
import type { SystemPlaces } from '@andvari/seedctl/system';
import { expect } from 'vitest';

export interface Ran {
  code: number;
  said: string;
  complained: string;
}

/** A command of seedctl about a system, as it would be typed. With --json it says what is promised of it, whichever test it is in. */
export async function seedctl(places: SystemPlaces, ...words: string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'andvari-places-'));
  const file = join(folder, 'system.json');
  writeFileSync(file, JSON.stringify(places));
  const said: string[] = [];
  const complained: string[] = [];
  try {
    const code = await runSeedctl(commands, [...words, '--system', file], {
      out: (line) => said.push(line),
      err: (line) => complained.push(line),
    });
    if (words.includes('--json')) expect(misfits(nameIn(words), said.join('\n'))).toEqual([]);
    return { code, said: said.join('\n'), complained: complained.join('\n') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nameIn(words: readonly string[]): string {
  return commands.find(({ name }) => words.join(' ').startsWith(name))?.name ?? '';
}
