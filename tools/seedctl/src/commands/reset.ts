import { createInterface } from 'node:readline/promises';
import { removeData } from '@andvari/local/remove-data';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type LocalCommand, OK, WRONG } from '../command.ts';
import { CommandError, homeOfCheckout } from '../system.ts';

export const reset: LocalCommand = {
  name: 'reset',
  summary:
    'Stops the system of this checkout and removes its databases, streams and logs; asks first, unless --yes is said',
  options: { yes: { type: 'boolean' } },
  async runAlone({ values }, print) {
    if (values['system'] !== undefined || process.env['ANDVARI_SYSTEM'] !== undefined) {
      throw new CommandError('only the system of this checkout is reset: others have owners, and backups.');
    }
    const home = homeOfCheckout();
    if (values['yes'] !== true && !(await agreed(home))) {
      print.outcome('Nothing was removed.', { removed: [] });
      return WRONG;
    }
    const { stopped, removed } = await removeData(checkoutRoot, home);
    const what = removed.length > 0 ? removed.join(', ') : 'nothing, there was no data';
    print.outcome(`${stopped ? 'Stopped what was running. ' : ''}Removed ${what} from ${home}.`, { stopped, removed });
    return OK;
  },
};

async function agreed(home: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('this removes all local data: say --yes if that is meant.');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Remove all databases, streams and logs in ${home}? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
