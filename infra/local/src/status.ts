import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { runCommand } from './run-command.ts';
import { showStatus } from './show-status.ts';

/** Exit code 0 when everything runs and is ready, 3 otherwise, as service managers have it. */
await runCommand(async () => {
  const { values } = parseArgs({ options: { root: { type: 'string', default: checkoutRoot } } });
  const { path: home } = dataHome(resolve(values.root));
  return (await showStatus(home)) ? 0 : 3;
});
