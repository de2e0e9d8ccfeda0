import { expect, test } from 'vitest';
import { CommandError } from '../src/system.ts';
import { inWorld } from '../src/world.ts';

const nowhere = {
  environment: 'test',
  gateway: 'http://127.0.0.1:1',
  nats: 'nats://127.0.0.1:1',
  databases: {},
  services: {},
  keys: {},
};

test('a NATS that does not answer is said, and not waited for as a service waits', async () => {
  const asked = inWorld(nowhere, (world) => world.nats(), { natsPatienceMs: 50 });
  await expect(asked).rejects.toThrow(new CommandError('NATS does not answer: docs/runbooks/nats-down.md'));
});
