import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, visit } from 'graphql';

export interface Operation {
  document: DocumentNode;
  operationName: string | undefined;
  variables: Record<string, unknown>;
}

/**
 * Refuses an operation whose fields, each counted as often as the lists around it may repeat it, are too many. Without
 * variables the answer is the same each time and is remembered with the document.
 */
export function createCostLimit(
  schema: GraphQLSchema,
  maxCost: number,
): (operation: Operation) => GraphQLError | undefined {
  const constant = new WeakMap<DocumentNode, number | 'varies'>();

  const costOf = ({ document, operationName, variables }: Operation): number => {
    const known = constant.get(document);
    if (typeof known === 'number') return known;
    const { complexity } = complexityFromQuery(only(document, operationName), { schema, variables });
    if (known === undefined) constant.set(document, isConstant(document) ? complexity : 'varies');
    return complexity;
  };

  return (operation) => {
    const cost = costOf(operation);
    if (cost <= maxCost) return undefined;
    return new GraphQLError(`the query costs ${cost}; ${maxCost} are allowed`, {
      extensions: { code: 'INVALID_ARGUMENT', reason: 'too_costly' },
    });
  };
}

/** The document with just the operation that is asked for; the first is meant where no name is given. */
function only(document: DocumentNode, operationName: string | undefined): DocumentNode {
  if (operationName === undefined) return document;
  const definitions = document.definitions.filter(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition.name?.value === operationName,
  );
  return { ...document, definitions };
}

function isConstant(document: DocumentNode): boolean {
  let operations = 0;
  let variables = 0;
  visit(document, {
    OperationDefinition: () => void (operations += 1),
    VariableDefinition: () => void (variables += 1),
  });
  return operations === 1 && variables === 0;
}
