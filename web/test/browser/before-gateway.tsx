import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { type Client, createClient, type Operation, type OperationResult } from '@urql/core';
import type { ReactElement } from 'react';
import { Provider } from 'urql';
import { render } from 'vitest-browser-react';
import { map, pipe } from 'wonka';

/** A part of a page by itself, before a gateway that is a function. */
export async function renderBefore(gateway: Gateway, component: () => ReactElement, at = '/') {
  const client = clientBefore(gateway);
  const routeTree = createRootRoute({ component });
  const router = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: [at] }) });
  return render(
    <Provider value={client}>
      <RouterProvider router={router as never} />
    </Provider>,
  );
}

export type Gateway = (operation: Operation) => Omit<OperationResult, 'operation' | 'stale' | 'hasNext'>;

export function clientBefore(gateway: Gateway): Client {
  const answered = (operation: Operation): OperationResult => ({
    operation,
    stale: false,
    hasNext: false,
    ...gateway(operation),
  });
  return createClient({ url: '/graphql', exchanges: [() => (operations) => pipe(operations, map(answered))] });
}

/** What a mutation was given. */
export const inputOf = (operation: Operation): Record<string, unknown> =>
  (operation.variables as { input: Record<string, unknown> }).input;
