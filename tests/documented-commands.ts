import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The commands that a newcomer reads: in the blocks and between the backticks of the pages, and the targets of the Makefile. */
export const root = join(import.meta.dirname, '..');

export interface Documented {
  /** `README.md:22`, where it stands. */
  at: string;
  /** As it would be typed, without a prompt and without the comment behind it. */
  command: string;
  /** What it is an example of: `make up`, `npm run seedctl verify`, `helm`. */
  key: string;
}

/** Programs that a line of a page can begin with. Others in backticks are files, names and values. */
const programs =
  /^(?:make|npm|npx|node|seedctl|curl|helm|kubectl|docker|nats|psql|pg_isready|redis-cli|date|git|bash)(?= |$)/;

export function documentedCommands(): Documented[] {
  const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  return pages.flatMap((page) => commandsIn(page, readFileSync(join(root, page), 'utf8')));
}

export function commandsIn(page: string, text: string): Documented[] {
  const found: Documented[] = [];
  let block: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence !== null) {
      block = block === undefined ? (fence[1] ?? '') : undefined;
      continue;
    }
    const texts = block === undefined ? spansOf(line) : block === '' || block === 'sh' ? [line] : [];
    for (const command of texts.map(typed)) {
      // One word alone is a mention of the program, not a command.
      if (programs.test(command) && /\s/.test(command)) {
        found.push({ at: `${page}:${index + 1}`, command, key: keyOf(command) });
      }
    }
  }
  return found;
}

function spansOf(line: string): string[] {
  return [...line.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
}

function typed(line: string): string {
  return line
    .trim()
    .replace(/^\$ /, '')
    .replace(/\s+#\s.*$/, '');
}

function keyOf(command: string): string {
  const words = command.split(/\s+/);
  if (words[0] === 'make') return `make ${words[1] ?? ''}`;
  if (words[0] !== 'npm' || words[1] !== 'run') return words[0] === 'seedctl' ? seedctlKey(words) : (words[0] ?? '');
  if (words.includes('seedctl')) return seedctlKey(words);
  const rest = words.slice(2).filter((word) => !/^(--silent|--|-w|[^\w@.].*)$/.test(word));
  return ['npm run', ...rest.slice(0, rest[0] === 'node' || words.includes('-w') ? 2 : 1)].join(' ');
}

/** Its name is one word or two, and what comes behind an option is that option's value. */
function seedctlKey(words: string[]): string {
  const given = words.slice(words.indexOf('seedctl') + 1).filter((word) => word !== '--');
  const end = given.slice(0, 2).findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  return ['seedctl', ...given.slice(0, end === -1 ? 2 : end)].join(' ');
}

/** A target of the Makefile, with what its line of help says of it. */
export function makeTargets(): Map<string, string> {
  const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
  return new Map([...makefile.matchAll(/^([a-z-]+):.*## (.*)$/gm)].map(([, target = '', help = '']) => [target, help]));
}

/** `FOO=bar` of a command for make: a variable that the target's help does not name does nothing. */
export function variablesOf(command: string): string[] {
  return [...command.matchAll(/\b([A-Z_]+)=/g)].map(([, name = '']) => name);
}

/** `--json`, `[--long]`: what a command is told, wherever its page puts brackets. */
export function flagsOf(command: string): string[] {
  return [...command.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, flag = '']) => flag);
}
