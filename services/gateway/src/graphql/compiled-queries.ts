import type { Log } from '@andvari/kit/observe/log';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';

/** Compiling takes milliseconds: worth it only for what is asked again and again, and never for what is made up once. */
const WORTH_AFTER = 20;

type Run = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** Runs the queries that come often as compiled code. Mutations are rare and subscriptions it cannot do. */
export function compiledQueries(schema: GraphQLSchema, log: Log): Plugin {
  const documents = new WeakMap<DocumentNode, Map<string, { seen: number; run?: Run | undefined }>>();

  const compiled = (document: DocumentNode, name: string | undefined): Run | undefined => {
    let operations = documents.get(document);
    if (operations === undefined) documents.set(document, (operations = new Map()));
    const key = name ?? '';
    let operation = operations.get(key);
    if (operation === undefined) operations.set(key, (operation = { seen: 0 }));
    operation.seen += 1;
    if (operation.seen === WORTH_AFTER && getOperationAST(document, name)?.operation === OperationTypeNode.QUERY) {
      operation.run = compile(schema, document, name, log);
    }
    return operation.run;
  };

  return {
    onExecute({ args, setExecuteFn }) {
      const run = compiled(args.document, args.operationName ?? undefined);
      if (run !== undefined) setExecuteFn(run);
    },
  };
}

/** Undefined where it cannot be compiled, say for a literal of a scalar that the compiler does not understand. */
function compile(schema: GraphQLSchema, document: DocumentNode, name: string | undefined, log: Log): Run | undefined {
  try {
    const query = compileQuery(schema, document, name ?? '');
    if (!isCompiledQuery(query)) return undefined;
    return (args) => query.query(args.rootValue, args.contextValue, args.variableValues ?? {});
  } catch (error) {
    log.debug({ err: error }, 'a query could not be compiled');
    return undefined;
  }
}
