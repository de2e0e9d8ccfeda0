import { createRequire } from 'node:module';
import { mergeConfig } from 'vitest/config';
import { workspaceTests } from '../../vitest.shared.ts';

/**
 * Node takes graphql's main file for everybody; vitest would take its second copy for us and the first for the libraries,
 * and two copies of GraphQL do not know each other's types.
 */
const graphql = createRequire(import.meta.url).resolve('graphql');

export default mergeConfig(workspaceTests({ infra: true, first: ['test/every-field'] }), {
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
});
