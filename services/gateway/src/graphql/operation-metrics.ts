import { errorCodes } from '@andvari/kit/base/errors';
import type { ExecutionResult, GraphQLError, OperationDefinitionNode } from 'graphql';
import type { GatewayMetrics } from '../metrics.ts';

/**
 * How an operation ended: `invalid` is a request that says nothing that could be done; `refused` what the caller asked for in vain; `failed`
 * what is our fault, and what a promise of being available is measured by.
 */
export type Outcome = 'ok' | 'invalid' | 'refused' | 'failed';

/** Rate, errors and duration of every operation, whichever way it came in. */
export interface OperationMetrics {
  refused(errors: readonly GraphQLError[]): void;
  executed(operation: OperationDefinitionNode, result: ExecutionResult, startedAt: number): void;
  /** What a span tells of it: as little as a label of who may name it as they like. */
  spanOf(operation: OperationDefinitionNode): Record<string, string>;
  subscribed(operation: OperationDefinitionNode, errors: ExecutionResult['errors']): void;
}

export function createOperationMetrics(metrics: GatewayMetrics, knownNames: ReadonlySet<string>): OperationMetrics {
  const nameOf = (operation: OperationDefinitionNode): string => {
    const written = operation.name?.value ?? '';
    return knownNames.has(written) ? written : 'other';
  };
  return {
    refused(errors) {
      const outcome: Outcome = errors.some(isFault) ? 'failed' : 'invalid';
      metrics.operations.observe({ operation: 'other', kind: 'unknown', outcome }, 0);
    },
    executed(operation, { errors }, startedAt) {
      const labels = { operation: nameOf(operation), kind: operation.operation, outcome: outcomeOf(errors) };
      metrics.operations.observe(labels, (performance.now() - startedAt) / 1000);
    },
    spanOf: (operation) => ({
      'graphql.operation.name': nameOf(operation),
      'graphql.operation.type': operation.operation,
    }),
    subscribed(operation, errors) {
      const outcome = outcomeOf(errors);
      metrics.operations.observe({ operation: nameOf(operation), kind: 'subscription', outcome }, 0);
    },
  };
}

/** The worst of a response counts. */
function outcomeOf(errors: ExecutionResult['errors']): Outcome {
  if (errors === undefined || errors.length === 0) return 'ok';
  return errors.some(isFault) ? 'failed' : 'refused';
}

/** By the code that the outside is told; whatever has none is nothing that we meant to say. */
function isFault({ extensions }: GraphQLError): boolean {
  const { code } = extensions;
  return typeof code !== 'string' || FAULTS[code] !== false;
}

const FAULTS: Record<string, boolean> = {
  INTERNAL: true,
  ...Object.fromEntries(errorCodes.map((code) => [code.toUpperCase(), code === 'unavailable'])),
};
