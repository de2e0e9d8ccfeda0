import { type ASTNode, BREAK, type GraphQLError, isValueNode, Kind, parse, visit } from 'graphql';

/** A value in a document that cannot stand there: which input it is, as a path within the arguments of its field. */
export function literalAtFault(error: GraphQLError | undefined): { field?: string } {
  const value = error?.nodes?.[0];
  if (value?.loc === undefined || !isValueNode(value)) return {};
  const { source, start } = value.loc;
  let path = '';
  visit(parse(source.body), {
    enter(node, key, parent, _path, ancestors) {
      if (node.kind !== value.kind || node.loc?.start !== start) return undefined;
      path = pathOf(parent === undefined ? ancestors : [...ancestors, parent], key);
      return BREAK;
    },
  });
  return path === '' ? {} : { field: path };
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
