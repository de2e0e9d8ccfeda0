import { type DocumentNode, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { GatewayMetrics } from '../metrics.ts';

/** Rate, errors and duration of every operation, whichever way it came in. */
export function operationMetrics(metrics: GatewayMetrics, knownNames: ReadonlySet<string>): Plugin {
  const labels = new WeakMap<DocumentNode, { operation: string; kind: string }>();

  const labelsOf = (document: DocumentNode, name: string | undefined) => {
    const known = labels.get(document);
    if (known !== undefined) return known;
    const operation = getOperationAST(document, name);
    const written = operation?.name?.value ?? '';
    const made = { operation: knownNames.has(written) ? written : 'other', kind: operation?.operation ?? 'unknown' };
    // A document with several operations is rare enough to be counted under the one that came first.
    labels.set(document, made);
    return made;
  };

  return {
    onValidate() {
      const startedAt = performance.now();
      return ({ valid }) => {
        if (valid) return;
        metrics.operations.observe(
          { operation: 'other', kind: 'unknown', outcome: 'invalid' },
          (performance.now() - startedAt) / 1000,
        );
      };
    },
    onExecute({ args }) {
      const startedAt = performance.now();
      const { operation, kind } = labelsOf(args.document, args.operationName ?? undefined);
      return {
        onExecuteDone({ result }) {
          const failed = !isAsyncIterable(result) && result.errors !== undefined;
          const outcome = failed ? 'error' : 'ok';
          metrics.operations.observe({ operation, kind, outcome }, (performance.now() - startedAt) / 1000);
        },
      };
    },
    onSubscribe({ args }) {
      const { operation } = labelsOf(args.document, args.operationName ?? undefined);
      return {
        onSubscribeResult({ result }) {
          const outcome = isAsyncIterable(result) ? 'ok' : 'error';
          metrics.operations.observe({ operation, kind: 'subscription', outcome }, 0);
        },
      };
    },
  };
}
