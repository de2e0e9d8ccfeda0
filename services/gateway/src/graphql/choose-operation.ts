import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode } from 'graphql';

/** The operation of a document that is meant, or why nobody can tell. */
export function chooseOperation(
  { definitions }: DocumentNode,
  name: string | undefined,
): OperationDefinitionNode | GraphQLError {
  let only: OperationDefinitionNode | undefined;
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    if (name === undefined) {
      if (only !== undefined)
        return operationError('operation_name_missing', 'the document has several operations: name one');
      only = definition;
    } else if (definition.name?.value === name) {
      return definition;
    }
  }
  if (only !== undefined) return only;
  return name === undefined
    ? operationError('operation_missing', 'the document has no operation')
    : operationError('operation_name_unknown', 'the document has no operation of this name');
}

function operationError(reason: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INVALID_ARGUMENT', reason } });
}
