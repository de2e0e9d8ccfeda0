import type { Command, LocalCommand } from '../command.ts';
import { OK } from '../command.ts';
import { completionFor, type Shell, shells } from '../complete.ts';
import { UsageError } from '../system.ts';

/** Out of the table of commands, whatever is in it. */
export function completionOf(commands: () => readonly Command[]): LocalCommand {
  return {
    name: 'completion',
    usage: 'bash|zsh|fish',
    summary: 'A script that completes the words of seedctl in that shell: put it where the shell reads its own',
    words: { from: 1, to: 1 },
    async runAlone({ positionals: [shell = ''] }, print) {
      if (!isShell(shell)) throw new UsageError(`completion is for ${shells.join(', ')}, and not for ${shell}`);
      const script = completionFor(shell, commands());
      print.outcome(script, { shell, script });
      return OK;
    },
  };
}

function isShell(name: string): name is Shell {
  return (shells as readonly string[]).includes(name);
}
