import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkoutRoot, dataHome } from './data-home.ts';
import { showStatus } from './show-status.ts';

/** Exit code 0 when everything runs and is ready, 3 otherwise, as service managers have it. */
const { values } = parseArgs({ options: { root: { type: 'string', default: checkoutRoot } } });
const { path: home } = dataHome(resolve(values.root));
process.exitCode = (await showStatus(home)) ? 0 : 3;
