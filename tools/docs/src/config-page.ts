import { join } from 'node:path';
import { describeVariables, type Otherwise } from '@andvari/kit/base/describe-variables';
import { root, textOf } from './sources.ts';

type Shape = Parameters<typeof describeVariables>[0];

interface Variable {
  readonly name: string;
  readonly should: string;
  readonly otherwise: string;
  /** What it is for, from the comment above it. */
  readonly why: string;
}

export interface ServiceVariables {
  readonly service: string;
  readonly variables: readonly Variable[];
}

/** What a service reads from its environment: its shape in production, with what differs outside of it. */
export async function variablesOf(service: string): Promise<ServiceVariables> {
  const path = `services/${service}/src/config.ts`;
  // Found at run time, so that this package depends on no service.
  const { variables: shapeIn } = (await import(join(root, path))) as {
    variables: (env: NodeJS.ProcessEnv) => Shape;
  };
  const elsewhere = new Map(describeVariables(shapeIn({ ENVIRONMENT: 'development' })).map((one) => [one.name, one]));
  const comments = new Map([...commentsIn('packages/kit/src/base/config.ts'), ...commentsIn(path)]);
  const variables = describeVariables(shapeIn({ ENVIRONMENT: 'production' })).map(({ name, should, otherwise }) => {
    const [inProduction, outside] = [shown(otherwise), shown(elsewhere.get(name)?.otherwise ?? otherwise)];
    const both = inProduction === outside ? inProduction : `${inProduction} in production, else ${outside}`;
    return { name, should, otherwise: both, why: comments.get(name) ?? '' };
  });
  return { service, variables };
}

function shown(otherwise: Otherwise): string {
  switch (otherwise.kind) {
    case 'required':
      return '**required**';
    case 'absent':
      return 'none';
    case 'default': {
      const value = inWords(otherwise.value);
      return value === '' ? 'none' : `\`${value}\``;
    }
  }
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  // A path lies in the checkout, wherever that is.
  return String(value).replace(`${root}/`, '');
}

/** The comment right above each variable. */
export function commentsIn(path: string): [name: string, comment: string][] {
  const found: [string, string][] = [];
  let comment = '';
  let open: string[] | undefined;
  for (const line of (textOf(path) ?? '').split('\n').map((each) => each.trim())) {
    const name = /^([A-Z][A-Z0-9_]+): /.exec(line)?.[1];
    if (line.startsWith('/**')) open = [];
    if (open !== undefined) {
      open.push(
        line
          .replace(/^\/\*\*|^\*(?!\/)/, '')
          .replace(/\*\/$/, '')
          .trim(),
      );
      if (!line.endsWith('*/')) continue;
      comment = open.join(' ').trim();
      open = undefined;
    } else {
      if (name !== undefined && comment !== '') found.push([name, comment]);
      comment = '';
    }
  }
  return found;
}

/** One page: what all services read first, then what each reads besides. */
export function configPage(services: readonly ServiceVariables[]): string {
  const [first] = services;
  const isCommon = ({ name, otherwise }: Variable): boolean =>
    services.every(({ variables }) => variables.some((one) => one.name === name && one.otherwise === otherwise));
  const common = first?.variables.filter(isCommon) ?? [];
  const sections = services.map(
    ({ service, variables }) => `## ${service}\n\n${tableOf(variables.filter((one) => !isCommon(one)))}`,
  );
  return `${INTRODUCTION}\n## Every service\n\n${tableOf(common)}\n${sections.join('\n')}`;
}

const INTRODUCTION = `# Configuration

Written from the services' \`config.ts\` by \`make gen\`; those are the place to change it.

Everything is read from the environment, once, at the start. A service that is told anything wrong starts nothing, names every mistake in
one message and exits with 78; \`--check-config\` does only that (\`npm run --silent seedctl -- config check engine --env FILE\` in a checkout, the image's
program with \`--check-config\` behind it elsewhere). Any variable may be given as \`NAME_FILE\`, naming a file that holds the
value, and an empty one counts as not given. Lengths of time end in \`_MS\` and are in milliseconds, shares of a whole in \`_PPM\` and are in
millionths.
`;

function tableOf(variables: readonly Variable[]): string {
  const rows = variables.map(
    ({ name, should, otherwise, why }) => `| \`${name}\` | ${cell(should)} | ${cell(otherwise)} | ${cell(why)} |`,
  );
  return `| variable | should be | otherwise | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
