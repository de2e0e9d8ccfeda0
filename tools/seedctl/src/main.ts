import { commands } from './commands.ts';
import { runSeedctl } from './run.ts';
import { openTerminal } from './terminal.ts';

const code = await runSeedctl(commands, process.argv.slice(2), openTerminal());
// A connection to a server that hangs is never closed by it, so nothing is waited for once all is written; what could not be written ends by itself.
process.stdout.write('', (error) => {
  if (error === null || error === undefined) process.exit(code);
});
