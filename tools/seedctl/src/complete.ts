import type { Command } from './command.ts';
import { common } from './options.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script for a shell: first the words of commands, behind a whole command its options. */
export function completionFor(shell: Shell, commands: readonly Command[]): string {
  return SCRIPTS[shell](commands);
}

const SCRIPTS: Record<Shell, (commands: readonly Command[]) => string> = { bash, zsh, fish };

function bash(commands: readonly Command[]): string {
  return `# seedctl completion bash > /etc/bash_completion.d/seedctl
_seedctl() {
  local word="\${COMP_WORDS[COMP_CWORD]}" said="\${COMP_WORDS[*]:1:COMP_CWORD-1}" found=""
  case "$said" in
${cases(commands, (words) => `found="${words.join(' ')}"`)}
  esac
  COMPREPLY=($(compgen -W "$found" -- "$word"))
}
complete -F _seedctl seedctl`;
}

function zsh(commands: readonly Command[]): string {
  return `#compdef seedctl
# seedctl completion zsh > "\${fpath[1]}/_seedctl"
_seedctl() {
  local said="\${words[2,CURRENT-1]}"
  case "$said" in
${cases(commands, (words) => `compadd -- ${words.join(' ')}`)}
  esac
}
compdef _seedctl seedctl`;
}

/** Each case is what was said so far; what begins with a whole command comes behind the words that go on to one. */
function cases(commands: readonly Command[], offer: (words: readonly string[]) => string): string {
  const firsts = `    "") ${offer(firstWords(commands))} ;;`;
  const groups = groupsOf(commands).map(([word, seconds]) => `    "${word}") ${offer(seconds)} ;;`);
  const whole = commands
    .toSorted((one, other) => other.name.length - one.name.length)
    .map((command) => `    "${command.name}"*) ${offer(optionsOf(command))} ;;`);
  return [firsts, ...groups, ...whole].join('\n');
}

function fish(commands: readonly Command[]): string {
  const none = 'test (count (commandline -opc)) -eq 1';
  const firsts = firstWords(commands).map((word) => {
    const summary = commands.find(({ name }) => name === word)?.summary ?? `${word} …`;
    return `complete -c seedctl -f -n '${none}' -a ${word} -d ${quoted(summary)}`;
  });
  const groups = groupsOf(commands).flatMap(([word, seconds]) =>
    seconds.map((second) => {
      const summary = commands.find(({ name }) => name === `${word} ${second}`)?.summary ?? '';
      return `complete -c seedctl -f -n 'test "$(string join " " (commandline -opc)[2..])" = "${word}"' -a ${second} -d ${quoted(summary)}`;
    }),
  );
  const options = commands.flatMap((command) =>
    optionsOf(command).map((option) => {
      const said = `string match -q "${command.name}*" "$(string join " " (commandline -opc)[2..])"`;
      return `complete -c seedctl -n '${said}' -l ${option.replace(/^--/, '')}`;
    }),
  );
  return ['# seedctl completion fish > ~/.config/fish/completions/seedctl.fish', ...firsts, ...groups, ...options].join(
    '\n',
  );
}

function firstWords(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
}

function groupsOf(commands: readonly Command[]): [word: string, seconds: string[]][] {
  const pairs = commands.map(({ name }) => name.split(' ')).filter((words) => words.length === 2);
  return [...Map.groupBy(pairs, ([first = '']) => first)].map(([first, those]) => [
    first,
    those.map(([, second = '']) => second),
  ]);
}

function optionsOf({ options = {} }: Command): string[] {
  return Object.keys({ ...options, ...common }).map((name) => `--${name}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
