import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';
import { textOf } from '../sources.ts';
import { slugs } from './links.ts';

/** All that can be asked of the gateway, from its schema: what it is for, what it takes and what it answers. */
export function graphqlReference(sdl = textOf('services/gateway/schema.graphql') ?? ''): string {
  const schema = buildSchema(sdl);
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  const others = (is: (type: GraphQLNamedType) => boolean): GraphQLNamedType[] =>
    types.filter((type) => is(type) && !roots.has(type as never)).toSorted((a, b) => a.name.localeCompare(b.name));
  const link = linkTo(new Set(types.filter((type) => !isSpecifiedScalarType(type)).map(({ name }) => name)));
  return [
    '# GraphQL reference',
    'From the schema that the gateway serves at `/graphql`. How to ask, page, subscribe and be refused: the [guide](graphql.md).',
    ...[...roots].flatMap((type) =>
      type === null || type === undefined ? [] : rootOf(type.name, type.getFields(), link),
    ),
    ...kind('Objects', others(isObjectType), link),
    ...kind('Interfaces', others(isInterfaceType), link),
    ...kind('Unions', others(isUnionType), link),
    ...kind('Inputs', others(isInputObjectType), link),
    ...kind('Enums', others(isEnumType), link),
    ...kind(
      'Scalars',
      others((type) => isScalarType(type) && !isSpecifiedScalarType(type)),
      link,
    ),
  ].join('\n\n');
}

type Link = (type: unknown) => string;

/** `[Order!]!` with its name as a link; what GraphQL brings itself is described by nobody here. */
function linkTo(described: ReadonlySet<string>): Link {
  return (type) => {
    const words = String(type);
    const name = words.replaceAll(/[[\]!]/g, '');
    const [before = '', after = ''] = words.split(name);
    return described.has(name) ? `${escaped(before)}[${name}](#${slugs()(name)})${escaped(after)}` : escaped(words);
  };
}

function rootOf(name: string, fields: Record<string, GraphQLField<unknown, unknown>>, link: Link): string[] {
  const each = Object.values(fields).map(({ name: field, args, type, description }) =>
    [`### ${name}.${field}`, described(description), `Answers ${link(type)}.`, argumentsOf(args, link)]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return [`## ${name}`, ...each];
}

function argumentsOf(args: readonly GraphQLArgument[], link: Link): string {
  if (args.length === 0) return '';
  const rows = args.map(({ name, type, defaultValue, description }) => {
    const otherwise = defaultValue === undefined ? '' : ` = \`${JSON.stringify(defaultValue)}\``;
    return `| \`${name}\` | ${link(type)}${otherwise} | ${cell(description)} |`;
  });
  return rowsOf('argument', rows, 'type');
}

function kind(title: string, types: readonly GraphQLNamedType[], link: Link): string[] {
  if (types.length === 0) return [];
  return [
    `## ${title}`,
    ...types.map((type) => [`### ${type.name}`, described(type.description), inside(type, link)].join('\n\n')),
  ];
}

function inside(type: GraphQLNamedType, link: Link): string {
  if (isUnionType(type))
    return `One of ${type
      .getTypes()
      .map((one) => link(one))
      .join(', ')}.`;
  if (isEnumType(type)) {
    return rowsOf(
      'value',
      type.getValues().map(({ name, description }) => `| \`${name}\` | ${cell(description)} |`),
    );
  }
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return '';
  const fields: readonly { name: string; type: unknown; args?: readonly GraphQLArgument[]; description?: unknown }[] =
    Object.values(type.getFields());
  const rows = fields.map(({ name, type: of, args = [], description }) => {
    const takes = args.map((one) => `${one.name}: ${String(one.type)}`).join(', ');
    return `| \`${name}${takes === '' ? '' : `(${takes})`}\` | ${link(String(of))} | ${cell(description)} |`;
  });
  return rowsOf('field', rows, 'type');
}

function rowsOf(first: string, rows: readonly string[], second?: string): string {
  const head = second === undefined ? [`| ${first} | |`, '|---|---|'] : [`| ${first} | ${second} | |`, '|---|---|---|'];
  return [...head, ...rows].join('\n');
}

const described = (text: string | null | undefined): string => text ?? '';
const cell = (text: unknown): string =>
  (typeof text === 'string' ? text : '').replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
const escaped = (text: string): string => text.replaceAll(/[[\]]/g, String.raw`\$&`);
