import '../../src/ui/tokens.css';
import { CombinedError, type Operation } from '@urql/core';
import { expect, test } from 'vitest';
import { KeysTab } from '../../src/features/settings/keys-tab.tsx';
import { inputOf, renderBefore } from './before-gateway.tsx';

const apiKeyScopes = ['instrument:read', 'order:read', 'order:place:own', 'order:read:own'];
const refusal = {
  __typename: 'InvalidInput',
  field: 'scopes[1]',
  message: 'scopes[1]: is for people only, never for a key',
};

async function keysTab() {
  const asked: Operation[] = [];
  const screen = await renderBefore((operation) => {
    if (operation.kind === 'mutation') {
      asked.push(operation);
      return { data: { createApiKey: refusal } };
    }
    if (JSON.stringify(operation.query).includes('query Keys')) {
      return { data: { apiKeys: { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }, apiKeyScopes } };
    }
    return { data: undefined, error: new CombinedError({ networkError: new Error('not asked for here') }) };
  }, KeysTab);
  await expect.element(screen.getByRole('checkbox', { name: 'instrument read' })).toBeVisible();
  return { screen, asked };
}

test('a new key is offered what the server says that it may have, and nothing else', async () => {
  const { screen } = await keysTab();
  const boxes = screen.getByRole('checkbox').elements() as HTMLInputElement[];
  expect(boxes.map(({ name }) => name)).toEqual(apiKeyScopes);
  expect(boxes.map(({ labels }) => labels?.[0]?.textContent)).toEqual([
    'instrument read',
    'order read, of everybody',
    'order place',
    'order read',
  ]);
});

test('what is refused is said at its box, by no number', async () => {
  const { screen, asked } = await keysTab();
  await screen.getByLabelText('Name').fill('bot');
  await screen.getByRole('checkbox', { name: 'instrument read' }).click();
  const refused = screen.getByRole('checkbox', { name: 'order place' });
  await refused.click();
  await screen.getByRole('button', { name: 'Make the key' }).click();
  await expect.element(refused).toHaveAccessibleDescription('is for people only, never for a key');
  await expect.element(refused).toBeInvalid();
  expect(asked.map((each) => inputOf(each)['scopes'])).toEqual([['instrument:read', 'order:place:own']]);
  expect(screen.container.textContent).not.toContain('scopes[');
});
