import { complexityFromQuery } from '@pothos/plugin-complexity';
import {
  BREAK,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export interface Operation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
}

/**
 * What an operation costs: its fields, each counted as often as the lists around it may repeat it; or the refusal of one that
 * asks for too many. Where no variable can change it the answer is the same each time and is remembered with the operation.
 */
export function createCostLimit(
  schema: GraphQLSchema,
  maxCost: number,
): (operation: Operation) => number | GraphQLError {
  const known = new WeakMap<OperationDefinitionNode, number | 'varies'>();

  const costOf = ({ document, operation, variables }: Operation): number => {
    const before = known.get(operation);
    if (typeof before === 'number') return before;
    const { complexity } = complexityFromQuery(only(document, operation), { schema, variables });
    if (before === undefined) {
      const hasVariables = (operation.variableDefinitions ?? []).length > 0;
      known.set(operation, hasVariables && asksArguments(schema, document) ? 'varies' : complexity);
    }
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

/** Whether a field of it has a cost that goes by what it is asked: how long a list may be, mostly. */
function asksArguments(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let asks = false;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field() {
        if (typeof types.getFieldDef()?.extensions['complexity'] !== 'function') return undefined;
        asks = true;
        return BREAK;
      },
    }),
  );
  return asks;
}

/** The document with just the operation that is asked for. */
function only(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const definitions = document.definitions.filter(
    (definition) => definition.kind !== Kind.OPERATION_DEFINITION || definition === operation,
  );
  return { ...document, definitions };
}
