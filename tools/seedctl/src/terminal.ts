import { OK, WRONG } from './command.ts';
import type { Terminal } from './run.ts';

/**
 * The two streams of the process. Whoever reads no further, as `head` does, ends it without a word; any other answer that cannot be
 * written is a failure, where console would say nothing of it.
 */
export function openTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(OK);
    console.error(error.message);
    process.exit(WRONG);
  });
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => console.error(line),
  };
}
