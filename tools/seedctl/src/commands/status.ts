import { OK, type SystemCommand, WRONG } from '../command.ts';
import type { Row } from '../print.ts';
import type { World } from '../world.ts';

export const status: SystemCommand = {
  name: 'status',
  summary: 'Services, databases with their migrations and outboxes, streams and how far each consumer is behind',
  async run(world, _, print) {
    const names = Object.keys(world.places.services);
    const services = await Promise.all(names.map((name) => serviceRow(world, name)));
    const databases = await Promise.all(Object.keys(world.places.databases).map((name) => databaseRow(world, name)));
    const { streams, consumers } = await streamRows(world);
    print.rows(services, 'no service');
    print.rows(databases, 'no database');
    print.rows(streams, 'no stream');
    print.rows(consumers, 'no consumer');
    const trouble = services.some(({ ready }) => ready !== 'yes') || databases.some((row) => row['dead_letters'] !== 0);
    return trouble ? WRONG : OK;
  },
};

async function serviceRow({ places }: World, name: string): Promise<Row & { ready: string }> {
  const url = `${places.services[name]?.admin}/readyz`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch((error: Error) => error);
  if (answer instanceof Error) return { service: name, ready: `no: ${answer.message}` };
  const said = (await answer.text()).trim().slice(0, 120);
  return { service: name, ready: answer.ok ? 'yes' : `no: ${said}` };
}

async function databaseRow(world: World, name: string): Promise<Row> {
  const db = world.db(name);
  const [row] = await db<
    { migrations: number; newest: string; unpublished: number; dead_letters: number; mb: number }[]
  >`
    select (select count(*)::int from schema_migrations) as migrations,
      coalesce((select max(name) from schema_migrations where name not like 'kit/%'), '') as newest,
      (select count(*)::int from outbox where position > (select position from outbox_cursor)) as unpublished,
      (select count(*)::int from dead_letters) as dead_letters,
      (pg_database_size(current_database()) / 1048576)::int as mb`;
  return { database: name, ...(row ?? { migrations: 0, newest: '', unpublished: 0, dead_letters: 0, mb: 0 }) };
}

async function streamRows(world: World): Promise<{ streams: Row[]; consumers: Row[] }> {
  const { jsm } = await world.nats();
  const streams: Row[] = [];
  const consumers: Row[] = [];
  for await (const { config, state } of jsm.streams.list()) {
    streams.push({ stream: config.name, messages: state.messages, mb: Math.round(state.bytes / 1_048_576) });
    for await (const consumer of jsm.consumers.list(config.name)) {
      if (consumer.config.durable_name === undefined) continue;
      const { name, num_pending: behind, num_ack_pending: unacknowledged } = consumer;
      consumers.push({ consumer: name, stream: config.name, behind, unacknowledged });
    }
  }
  return { streams, consumers };
}
