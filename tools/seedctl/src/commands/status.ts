import { databaseError } from '@andvari/kit/db/errors';
import { OK, type SystemCommand, WRONG } from '../command.ts';
import type { Row } from '../print.ts';
import type { World } from '../world.ts';

export const status: SystemCommand = {
  name: 'status',
  summary: 'Services, databases with their migrations and outboxes, streams and how far each consumer is behind',
  /** Asked most of all when a part is away: what is there is told all the same. */
  async run(world, _, print) {
    const services = await Promise.all(Object.keys(world.places.services).map((name) => serviceRow(world, name)));
    const names = Object.keys(world.places.databases);
    const asked = await Promise.all(
      names.map((name) => databaseRow(world, name).catch((error) => silent(name, error))),
    );
    const nats = await streamRows(world).catch((error) => ({
      streams: [],
      consumers: [],
      silent: [silent('nats', error)],
    }));
    const databases = asked.filter((row) => 'database' in row);
    const away = [...asked.filter((row) => 'silent' in row), ...nats.silent];
    print.rows(services, 'no service');
    print.rows(databases, names.length === 0 ? 'no database' : 'no database answers');
    print.rows(nats.streams, nats.silent.length === 0 ? 'no stream' : 'no stream answers');
    print.rows(nats.consumers, nats.silent.length === 0 ? 'no consumer' : 'no consumer answers');
    if (away.length > 0) print.rows(away, '');
    const trouble =
      away.length > 0 ||
      services.some(({ ready }) => ready !== 'yes') ||
      databases.some(({ dead_letters }) => dead_letters !== 0);
    return trouble ? WRONG : OK;
  },
};

interface Silent extends Row {
  /** `order_db`, `nats`. */
  readonly silent: string;
  readonly why: string;
}

function silent(part: string, error: unknown): Silent {
  return { silent: part, why: (databaseError(error) as Error).message };
}

async function serviceRow({ places }: World, name: string): Promise<Row & { ready: string }> {
  const url = `${places.services[name]?.admin}/readyz`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch((error: Error) => error);
  if (answer instanceof Error) return { service: name, ready: `no: ${answer.message}` };
  const said = (await answer.text()).trim().slice(0, 120);
  return { service: name, ready: answer.ok ? 'yes' : `no: ${said}` };
}

interface Database extends Row {
  readonly database: string;
  readonly dead_letters: number;
}

async function databaseRow(world: World, name: string): Promise<Database> {
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

async function streamRows(world: World): Promise<{ streams: Row[]; consumers: Row[]; silent: Silent[] }> {
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
  return { streams, consumers, silent: [] };
}
