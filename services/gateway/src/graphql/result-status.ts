import type { ExecutionResult } from 'graphql';

/** The status of an answer: one with data is one, whatever is missing in it. */
export function statusOfResult({ data, errors }: ExecutionResult): number {
  if (data !== undefined) return 200;
  switch (errors?.[0]?.extensions?.['code']) {
    case 'INTERNAL':
      return 500;
    case 'UNAVAILABLE':
      return 503;
    case 'UNAUTHENTICATED':
      return 401;
    case 'RESOURCE_EXHAUSTED':
      return 429;
    case 'PERMISSION_DENIED':
      return 403;
    case 'NOT_FOUND':
      return 404;
    case undefined:
      return 200;
    default:
      return 400;
  }
}
