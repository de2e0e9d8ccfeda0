import type { ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { GatewayMetrics } from '../metrics.ts';

/** Rate, errors and duration of every operation, whichever way it came in. */
export interface OperationMetrics {
  refused(): void;
  executed(operation: OperationDefinitionNode, result: ExecutionResult, startedAt: number): void;
  subscribed(operation: OperationDefinitionNode, isOpen: boolean): void;
}

export function createOperationMetrics(metrics: GatewayMetrics, knownNames: ReadonlySet<string>): OperationMetrics {
  const nameOf = (operation: OperationDefinitionNode): string => {
    const written = operation.name?.value ?? '';
    return knownNames.has(written) ? written : 'other';
  };
  return {
    refused: () => metrics.operations.observe({ operation: 'other', kind: 'unknown', outcome: 'invalid' }, 0),
    executed(operation, { errors }, startedAt) {
      const outcome = errors === undefined ? 'ok' : 'error';
      const labels = { operation: nameOf(operation), kind: operation.operation, outcome };
      metrics.operations.observe(labels, (performance.now() - startedAt) / 1000);
    },
    subscribed(operation, isOpen) {
      const outcome = isOpen ? 'ok' : 'error';
      metrics.operations.observe({ operation: nameOf(operation), kind: 'subscription', outcome }, 0);
    },
  };
}
