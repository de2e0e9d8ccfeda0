import { parseArgs } from 'node:util';
import { type Command, type Given, MISUSED, OK, WRONG } from './command.ts';
import { common } from './options.ts';
import { jsonPrinter, textPrinter } from './print.ts';
import { silentDatabase } from './silent-database.ts';
import { CommandError, homeOfCheckout, localPlaces, readPlaces, UsageError } from './system.ts';
import { inWorld } from './world.ts';

export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

/** Finds the command that the words begin with and runs it: 0 when all is well, 1 when something is not, 2 when it was asked wrongly. */
export async function runSeedctl(
  commands: readonly Command[],
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const command = commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (command === undefined) {
    const group = commands.filter(({ name }) => name.startsWith(`${words[0]} `));
    const said = overview(group.length > 0 ? group : commands);
    if (words.length === 0 || isHelp(words[group.length > 0 ? 1 : 0])) {
      terminal.out(said);
      return OK;
    }
    terminal.err(`seedctl knows no command ${words.join(' ')}.`);
    terminal.err(said);
    return MISUSED;
  }
  let given: Given;
  try {
    given = parse(command, words.slice(command.name.split(' ').length));
  } catch (error) {
    terminal.err((error as Error).message);
    terminal.err(usageOf(command));
    return MISUSED;
  }
  if (given.values['help'] === true) {
    terminal.out(usageOf(command));
    return 0;
  }
  try {
    return await runIn(command, given, terminal);
  } catch (error) {
    terminal.err(inWords(error));
    return error instanceof UsageError ? MISUSED : WRONG;
  }
}

function inWords(error: unknown): string {
  const code = silentDatabase(error);
  if (code !== undefined) return `PostgreSQL does not answer: docs/runbooks/postgres-down.md (${code})`;
  return error instanceof Error ? error.message : String(error);
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

async function runIn(command: Command, given: Given, terminal: Terminal): Promise<number> {
  const write = (line: string): void => terminal.out(line);
  const print = given.values['json'] === true ? jsonPrinter(write) : textPrinter(write);
  if ('runAlone' in command) return command.runAlone(given, print);
  const file = given.values['system'] ?? process.env['ANDVARI_SYSTEM'];
  const places = typeof file === 'string' ? readPlaces(file) : localPlaces(homeOfCheckout());
  if (command.changes === true && places.environment === 'production' && given.values['production'] !== true) {
    throw new CommandError(`${command.name} changes a production system: say --production if that is meant.`);
  }
  return inWorld(places, (world) => command.run(world, given, print));
}

function parse(command: Command, words: readonly string[]): Given {
  const { positionals, values } = parseArgs({
    args: [...words],
    options: { ...common, ...command.options },
    allowPositionals: true,
  });
  const { from, to } = command.words ?? { from: 0, to: 0 };
  const wrong = positionals.length < from || positionals.length > to;
  if (wrong && values.help !== true)
    throw new Error(`${command.name} takes ${from === to ? from : `${from} to ${to}`} ${to === 1 ? 'word' : 'words'}`);
  return { positionals, values };
}

function usageOf({ name, usage = '', summary, options = {} }: Command): string {
  const named = Object.entries(options).map(([option, { type }]) => `  --${option}${type === 'string' ? ' …' : ''}`);
  return [`seedctl ${name} ${usage}`.trimEnd(), `  ${summary}`, ...named, '  --system FILE  --json  --production'].join(
    '\n',
  );
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name, usage = '' }) => `${name} ${usage}`.trimEnd().length));
  const lines = commands.map(
    ({ name, usage = '', summary }) => `  ${`${name} ${usage}`.trimEnd().padEnd(width)}  ${summary}`,
  );
  return [
    'seedctl: looks after a running system, the one of this checkout or the one that --system FILE names.',
    '',
    ...lines,
    '',
    'Each has --help and --json. Exit code 0: all is well; 1: something is not, or it could not be done; 2: asked wrongly.',
  ].join('\n');
}
