import { expect, test } from 'vitest';
import { WRONG } from '../src/command.ts';
import { status } from '../src/commands/status.ts';
import { jsonPrinter } from '../src/print.ts';
import type { SystemPlaces } from '../src/system.ts';
import { inWorld } from '../src/world.ts';

/** What status says of a system, and how it ends. */
async function statusOf(places: Partial<SystemPlaces>): Promise<{ code: number; lines: unknown[] }> {
  const system = {
    environment: 'test',
    gateway: '',
    nats: 'nats://127.0.0.1:1',
    databases: {},
    services: {},
    keys: {},
  };
  const lines: unknown[] = [];
  const print = jsonPrinter((line) => lines.push(JSON.parse(line)));
  const given = { positionals: [], values: {} };
  const code = await inWorld({ ...system, ...places }, (world) => status.run(world, given, print), {
    natsPatienceMs: 50,
  });
  return { code, lines };
}

test('whatever is away, all parts are asked and those that say nothing are named', async () => {
  const { code, lines } = await statusOf({
    services: { order: { address: '127.0.0.1:1', admin: 'http://127.0.0.1:1' } },
    databases: { order_db: 'postgres://127.0.0.1:1/order_db', stock_db: 'postgres://127.0.0.1:1/stock_db' },
  });
  expect(code).toBe(WRONG);
  expect(lines).toEqual([
    { service: 'order', ready: expect.stringMatching(/^no: /) },
    { silent: 'order_db', why: 'the database does not answer' },
    { silent: 'stock_db', why: 'the database does not answer' },
    { silent: 'nats', why: 'NATS does not answer: docs/runbooks/nats-down.md' },
  ]);
});
