import type { ExecutionResult, OperationDefinitionNode } from 'graphql';

export type SharedResults = ReturnType<typeof createSharedResults>;

type ResultOf = (event: object) => Promise<ExecutionResult>;

/**
 * What became of events that say the same to everybody, by what was asked of them: a thousand readers of the same operation with the
 * same variables share one execution. Only for events in which nothing depends on who reads. Gone with the event itself.
 */
export function createSharedResults() {
  const byEvent = new WeakMap<object, Map<string, Promise<ExecutionResult>>>();
  const numbers = new WeakMap<OperationDefinitionNode, number>();
  let count = 0;

  return {
    /** For one reader; known documents are parsed once, so that equal ones are one. */
    readerOf(operation: OperationDefinitionNode, variables: Record<string, unknown>) {
      let number = numbers.get(operation);
      if (number === undefined) numbers.set(operation, (number = count++));
      const key = `${number} ${JSON.stringify(variables)}`;
      return (event: object, resultOf: ResultOf): Promise<ExecutionResult> => {
        let results = byEvent.get(event);
        if (results === undefined) byEvent.set(event, (results = new Map()));
        let result = results.get(key);
        if (result === undefined) results.set(key, (result = resultOf(event).then(withSharedText)));
        return result;
      };
    },
  };
}

const texts = new WeakMap<ExecutionResult, string>();

function withSharedText(result: ExecutionResult): ExecutionResult {
  texts.set(result, '');
  return result;
}

/** As JSON; a result that many read is written once. */
export function jsonOf(result: ExecutionResult): string {
  const known = texts.get(result);
  if (known === undefined) return JSON.stringify(result);
  if (known !== '') return known;
  const text = JSON.stringify(result);
  texts.set(result, text);
  return text;
}
