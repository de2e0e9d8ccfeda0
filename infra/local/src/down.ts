import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { runCommand } from './run-command.ts';
import { stopSystem } from './stop-system.ts';

await runCommand(async () => {
  const { values } = parseArgs({ options: { root: { type: 'string', default: checkoutRoot } } });
  const { path: home } = dataHome(resolve(values.root));
  console.log((await stopSystem(home)) ? 'Stopped.' : 'Nothing was running.');
  return 0;
});
