import type { Log } from '@andvari/kit/observe/log';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
  valueFromASTUntyped,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { GatewayContext } from '../schema/context.ts';

/** Compiling takes milliseconds: worth it only for what is asked again and again, and never for what is made up once. */
const WORTH_AFTER = 20;

export interface Execution {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Record<string, unknown>;
  readonly context: GatewayContext;
}

export type Execute = (execution: Execution) => ExecutionResult | Promise<ExecutionResult>;
type Run = (context: GatewayContext, variables: Record<string, unknown>) => ExecutionResult | Promise<ExecutionResult>;

/** Executes as the specification has it. */
export function createExecute(schema: GraphQLSchema): Execute {
  return ({ document, operation, variables, context }) =>
    execute({
      schema,
      document,
      operationName: operation.name?.value,
      variableValues: variables,
      contextValue: context,
    });
}

/**
 * Runs the queries that come often as compiled code. Its answers are those of plain execution: a test compares both over all
 * that the schema has. Should one query yet find no answer compiled, it is executed plainly from then on.
 */
export function createCompiledExecute(schema: GraphQLSchema, plainly: Execute, log: Log): Execute {
  const operations = new WeakMap<OperationDefinitionNode, { seen: number; run?: Run | undefined }>();

  return async (execution) => {
    const { operation, variables, context } = execution;
    if (operation.operation !== OperationTypeNode.QUERY) return plainly(execution);
    let known = operations.get(operation);
    if (known === undefined) operations.set(operation, (known = { seen: 0 }));
    known.seen += 1;
    if (known.seen === WORTH_AFTER) known.run = compile(schema, execution, log);
    if (known.run === undefined) return plainly(execution);
    const result = await known.run(context, withDefaults(operation, variables));
    if (result.data !== undefined) return result;
    // It was validated and its variables were read: plain execution has an answer for it.
    known.run = undefined;
    log.warn({ event: 'compiled_query_dropped', errors: result.errors }, 'a compiled query did not answer');
    return plainly(execution);
  };
}

/** The compiler refuses a variable that may not be null and was left out, although it has a default. */
function withDefaults(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Record<string, unknown>,
): Record<string, unknown> {
  let filled: Record<string, unknown> | undefined;
  for (const { variable, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    if (defaultValue === undefined || variables[name] !== undefined) continue;
    filled ??= { ...variables };
    filled[name] = valueFromASTUntyped(defaultValue);
  }
  return filled ?? variables;
}

/** Undefined where it cannot be compiled, say for a literal of a scalar that the compiler does not understand. */
function compile(schema: GraphQLSchema, { document, operation }: Execution, log: Log): Run | undefined {
  try {
    const query = compileQuery(schema, document, operation.name?.value ?? '');
    if (!isCompiledQuery(query)) return undefined;
    return (context, variables) => query.query(undefined, context, variables);
  } catch (error) {
    log.debug({ event: 'query_not_compiled', err: error }, 'a query could not be compiled');
    return undefined;
  }
}
