import { commands } from './commands.ts';
import { runSeedctl } from './run.ts';

process.exitCode = await runSeedctl(commands, process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
});
