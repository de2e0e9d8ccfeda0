import { commands } from '../src/commands.ts';
import { runSeedctl } from '../src/run.ts';

/** A command as it would be typed, and what came of it. */
export async function runWords(...words: string[]): Promise<{ code: number; said: string; complained: string }> {
  const said: string[] = [];
  const complained: string[] = [];
  const terminal = { out: (line: string) => said.push(line), err: (line: string) => complained.push(line) };
  const code = await runSeedctl(commands, words, terminal);
  return { code, said: said.join('\n'), complained: complained.join('\n') };
}
