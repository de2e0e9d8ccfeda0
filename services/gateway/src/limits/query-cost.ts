import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';

export interface Operation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/**
 * What an operation costs: its fields, each counted as often as the lists around it may repeat it; or the refusal of one that
 * asks for too many. Without variables the answer is the same each time and is remembered with the operation.
 */
export function createCostLimit(
  schema: GraphQLSchema,
  maxCost: number,
): (operation: Operation) => number | GraphQLError {
  const constant = new WeakMap<OperationDefinitionNode, number>();

  const costOf = ({ document, operation, variables }: Operation): number => {
    const known = constant.get(operation);
    if (known !== undefined) return known;
    const { complexity } = complexityFromQuery(only(document, operation), { schema, variables });
    if ((operation.variableDefinitions ?? []).length === 0) constant.set(operation, complexity);
    return complexity;
  };

  return (operation) => {
    const cost = costOf(operation);
    if (cost <= maxCost) return cost;
    return new GraphQLError(`the query costs ${cost}; ${maxCost} are allowed`, {
      extensions: { code: 'INVALID_ARGUMENT', reason: 'too_costly' },
    });
  };
}

/** The document with just the operation that is asked for. */
function only(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const definitions = document.definitions.filter(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition === operation,
  );
  return { ...document, definitions };
}
