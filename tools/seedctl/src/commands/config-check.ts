import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseEnv } from 'node:util';
import { ConfigError } from '@andvari/kit/base/config';
import { checkoutRoot } from '@andvari/servers/data-home';
import { type LocalCommand, OK, WRONG } from '../command.ts';
import { CommandError, UsageError } from '../system.ts';

const folder = join(checkoutRoot, 'services');

export const configCheck: LocalCommand = {
  name: 'config check',
  usage: 'SERVICE',
  summary:
    'Whether a service would start with the variables of --env FILE, or with those of this shell: every wrong one is named',
  options: { env: { type: 'string' } },
  words: { from: 1, to: 1 },
  async runAlone({ positionals: [service = ''], values }, print) {
    const known = existsSync(folder) ? readdirSync(folder).toSorted() : [];
    if (known.length === 0)
      throw new CommandError('config check reads the sources of the services: run it in a checkout.');
    if (!known.includes(service)) throw new UsageError(`${service} is none of ${known.join(', ')}`);
    const config = join(folder, service, 'src/config.ts');
    // Found at run time, so that this package depends on no service.
    const { readConfig } = (await import(pathToFileURL(config).href)) as {
      readConfig: (env: NodeJS.ProcessEnv) => unknown;
    };
    const problems = problemsOf(readConfig, variablesFrom(values['env']));
    if (problems.length > 0) {
      print.rows(problems, '');
      return WRONG;
    }
    print.outcome(`${service} would start.`, { service, problems: 0 });
    return OK;
  },
};

function variablesFrom(file: string | boolean | undefined): NodeJS.ProcessEnv {
  if (typeof file !== 'string') return process.env;
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')) };
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function problemsOf(readConfig: (env: NodeJS.ProcessEnv) => unknown, env: NodeJS.ProcessEnv) {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => {
      const [, variable = '', what = problem] = /^\s*(\w+): (.*)$/s.exec(problem) ?? [];
      return { variable, problem: what };
    });
  }
}
