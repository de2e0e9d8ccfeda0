import { type ASTNode, BREAK, type GraphQLError, isValueNode, Kind, parse, type Source, visit } from 'graphql';

/** A value in a document that cannot stand there: which input it is, as a path within the arguments of its field. */
export function literalAtFault(error: GraphQLError | undefined): { field?: string } {
  const value = error?.nodes?.[0];
  if (value?.loc === undefined || !isValueNode(value)) return {};
  const { source, start } = value.loc;
  const path = placeOf(source, (node) => node.kind === value.kind && node.loc?.start === start);
  return path === '' ? {} : { field: path };
}

/** A variable that cannot be read, or is missing: the input that it stands for, as a path like that, and the place inside of it. */
export function variableAtFault(error: GraphQLError | undefined): { field?: string } {
  const [, variable, inside = ''] = WRONG_VARIABLE.exec(error?.message ?? '') ?? [];
  const source = error?.nodes?.[0]?.loc?.source;
  if (variable === undefined || source === undefined) return {};
  const isUsed = (node: ASTNode): boolean => node.kind === Kind.VARIABLE && node.name.value === variable;
  const path = placeOf(source, isUsed) || variable;
  return { field: path === 'input' && inside.startsWith('.') ? inside.slice(1) : `${path}${inside}` };
}

const WRONG_VARIABLE =
  /^Variable "\$(\w+)" (?:of (?:required|non-null) type |got invalid value )(?:[\s\S]* at "\w+([^"]+)"; )?/;

/** Of the first such node within arguments; empty where there is none. */
function placeOf(source: Source, isIt: (node: ASTNode) => boolean): string {
  let path = '';
  visit(parse(source.body), {
    enter(node, key, parent, _path, ancestors) {
      if (!isIt(node)) return undefined;
      path = pathOf(parent === undefined ? ancestors : [...ancestors, parent], key);
      return path === '' ? undefined : BREAK;
    },
  });
  return path;
}

/** The one `input` of a mutation goes without saying. */
function pathOf(ancestors: readonly (ASTNode | readonly ASTNode[])[], key: string | number | undefined): string {
  let path = '';
  ancestors.forEach((ancestor, at) => {
    if ('kind' in ancestor) {
      if (ancestor.kind === Kind.ARGUMENT) path = ancestor.name.value;
      if (ancestor.kind === Kind.OBJECT_FIELD)
        path = path === 'input' || path === '' ? ancestor.name.value : `${path}.${ancestor.name.value}`;
      return;
    }
    const list = ancestors[at - 1];
    if (list === undefined || !('kind' in list) || list.kind !== Kind.LIST) return;
    const next = ancestors[at + 1];
    path += `[${next !== undefined && 'kind' in next ? ancestor.indexOf(next) : key}]`;
  });
  return path;
}
