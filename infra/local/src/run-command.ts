import { isRecord } from '@andvari/servers/record';

/** Runs a command to its exit code. What goes wrong is said in words, without a stack: the one who reads it asked for something. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const misused = isRecord(error) && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS');
    console.error(error instanceof Error ? error.message : String(error));
    if (misused) console.error('See make help, or --help.');
    process.exitCode = misused ? 2 : 1;
  }
}
