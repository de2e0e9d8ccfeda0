import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands.ts';
import { completionFor } from '../src/complete.ts';
import { runWords } from './run-words.ts';

/** What bash offers behind these words. */
function offered(...words: string[]): string[] {
  const script = `${completionFor('bash', commands)}
COMP_WORDS=(seedctl ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _seedctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('in bash', () => {
  test.each<[words: string[], includes: string[], excludes: string[]]>([
    [[''], ['seed', 'verify', 'dead-letters', 'completion'], ['ls', '--json']],
    [['se'], ['seed'], ['verify']],
    [
      ['dead-letters', ''],
      ['ls', 'show', 'requeue', 'drop'],
      ['seed', 'tail'],
    ],
    [['events', 't'], ['tail'], ['replay']],
    [
      ['seed', '--'],
      ['--profile', '--users', '--json'],
      ['--last', 'verify'],
    ],
    [['orders', 'place', 'buy', '--l'], ['--limit'], ['--users']],
    [['nothing', ''], [], ['seed']],
  ])('behind %j', (words, includes, excludes) => {
    const found = offered(...words);
    expect(found).toEqual(expect.arrayContaining(includes));
    expect(found.filter((word) => excludes.includes(word))).toEqual([]);
  });
});

test.each(['zsh', 'fish'] as const)('the script for %s knows every command and option', (shell) => {
  const script = completionFor(shell, commands);
  for (const { name, options = {} } of commands) {
    for (const word of name.split(' ')) expect(script).toContain(word);
    for (const option of Object.keys(options)) expect(script).toMatch(new RegExp(`(--|-l )${option}\\b`));
  }
  const there = spawnSync(shell, ['--version']).status === 0;
  // Where the shell is there it must be able to read it.
  if (there) expect(spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0 });
});

test('another shell is asked wrongly', async () => {
  expect(await runWords('completion', 'powershell')).toMatchObject({ code: 2, said: '' });
  expect((await runWords('completion', 'bash')).said).toContain('complete -F _seedctl seedctl');
});
