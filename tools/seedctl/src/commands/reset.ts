import { createInterface } from 'node:readline/promises';
import { removeData } from '@andvari/local/remove-data';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type Given, type LocalCommand, OK, WRONG } from '../command.ts';
import type { Printer } from '../print.ts';
import { CommandError, homeOfCheckout, UsageError } from '../system.ts';

/** Of the checkout that has this place, and keeps its data in that home. */
export function resetOf(place: () => { root: string; home: string }): LocalCommand {
  return { ...described, runAlone: (given, print) => removeAll(place, given, print) };
}

const described = {
  name: 'reset',
  summary:
    'Stops the system of this checkout and removes its databases, streams and logs; asks first, unless --yes is said',
  options: { yes: { type: 'boolean' }, db: { type: 'string' } },
} as const;

export const reset = resetOf(() => ({ root: checkoutRoot, home: homeOfCheckout() }));

async function removeAll(
  place: () => { root: string; home: string },
  { values }: Given,
  print: Printer,
): Promise<number> {
  if (values['system'] !== undefined || process.env['ANDVARI_SYSTEM'] !== undefined) {
    throw new CommandError('only the system of this checkout is reset: others have owners, and backups.');
  }
  if (values['db'] !== undefined && values['db'] !== 'all') {
    throw new UsageError(
      '--db is all: the streams and the other databases hold what one of them has told, and without it nothing would agree.',
    );
  }
  const { root, home } = place();
  if (values['yes'] !== true && !(await agreed(home))) {
    print.outcome('Nothing was removed.', { stopped: false, removed: [] });
    return WRONG;
  }
  const { stopped, removed } = await removeData(root, home);
  const what = removed.length > 0 ? removed.join(', ') : 'nothing, there was no data';
  print.outcome(`${stopped ? 'Stopped what was running. ' : ''}Removed ${what} from ${home}.`, { stopped, removed });
  return OK;
}

async function agreed(home: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('this removes all local data: say --yes if that is meant.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Remove all databases, streams and logs in ${home}? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
