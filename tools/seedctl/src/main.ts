import { commands } from './commands.ts';
import { runSeedctl } from './run.ts';
import { openTerminal } from './terminal.ts';

process.exitCode = await runSeedctl(commands, process.argv.slice(2), openTerminal());
