import { invalid } from '@andvari/kit/base/errors';
import type { OperationParams } from '../graphql/pipeline.ts';

/** What a GraphQL request says, from the body of a POST. */
export function paramsFromBody(body: Record<string, unknown>): OperationParams {
  for (const key of Object.keys(body)) {
    if (!allowedParams.has(key)) throw invalid('body', 'has a member that no GraphQL request has');
  }
  const { query, variables, operationName, extensions } = body;
  return {
    ...stringUnder('query', query),
    ...stringUnder('operationName', operationName),
    ...objectUnder('variables', variables),
    ...objectUnder('extensions', extensions),
  };
}

/** The same from the URL of a GET, where objects are written as JSON. Other parameters are nobody's business here. */
export function paramsFromUrl(url: string | undefined): OperationParams {
  const given = new URL(url ?? '/', 'http://localhost').searchParams;
  const text = (name: string): string | undefined => given.get(name) ?? undefined;
  return {
    ...stringUnder('query', text('query')),
    // An empty one is what a form leaves behind.
    ...stringUnder('operationName', text('operationName') === '' ? undefined : text('operationName')),
    ...objectUnder('variables', jsonUnder('variables', text('variables'))),
    ...objectUnder('extensions', jsonUnder('extensions', text('extensions'))),
  };
}

const allowedParams = new Set(['query', 'variables', 'operationName', 'extensions']);

function jsonUnder(name: string, text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid(name, 'is no JSON', 'not_json');
  }
}

function stringUnder(name: string, value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'string') throw invalid(name, 'should be a string');
  return { [name]: value };
}

function objectUnder(name: string, value: unknown): Record<string, Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid(name, 'should be an object');
  return { [name]: value as Record<string, unknown> };
}
