import { type GraphQLSchema, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createCostLimit } from '../limits/query-cost.ts';
import { aliasRule, depthRule, MAX_TOKENS, noIntrospectionRule } from '../limits/query-rules.ts';

/** The limits on what one operation may ask, for every way an operation comes in. */
export function queryLimits(schema: GraphQLSchema, options: { maxCost: number; introspection: boolean }): Plugin {
  const costLimit = createCostLimit(schema, options.maxCost);
  const refusal = (args: Parameters<typeof operationFrom>[0]) => {
    const error = costLimit(operationFrom(args));
    return error === undefined ? undefined : { errors: [error] };
  };
  return {
    onParse({ setParseFn }) {
      setParseFn((source, parseOptions) => parse(source, { ...parseOptions, maxTokens: MAX_TOKENS }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(depthRule);
      addValidationRule(aliasRule);
      if (!options.introspection) addValidationRule(noIntrospectionRule);
    },
    onExecute({ args, setResultAndStopExecution }) {
      const refused = refusal(args);
      if (refused !== undefined) setResultAndStopExecution(refused);
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refused = refusal(args);
      if (refused !== undefined) setResultAndStopExecution(refused);
    },
  };
}

function operationFrom(args: {
  document: Parameters<ReturnType<typeof createCostLimit>>[0]['document'];
  operationName?: string | null | undefined;
  variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}) {
  return {
    document: args.document,
    operationName: args.operationName ?? undefined,
    variables: { ...args.variableValues },
  };
}
