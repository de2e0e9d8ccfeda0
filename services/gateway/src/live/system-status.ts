import { isAppError } from '@andvari/kit/base/errors';
import type { Nats } from '@andvari/kit/nats/nats';
import type { GetClockResponse } from '@andvari/proto/stock/v1/stock';
import type { Clients } from '../clients.ts';

export interface SystemStatus {
  readonly checkedAtMs: number;
  readonly services: readonly ServiceStatus[];
  readonly streams: readonly StreamStatus[];
  /** Of then; undefined while stock does not answer. */
  readonly clock: GetClockResponse | undefined;
}

export interface ServiceStatus {
  readonly name: string;
  readonly isUp: boolean;
  readonly latencyMs: number;
}

export interface StreamStatus {
  readonly name: string;
  readonly messages: number;
  /** Of the reader with its own name that lies furthest behind; undefined where nobody could tell. */
  readonly lag: number | undefined;
}

/** Everybody may ask: however many do, the system is looked at this often at the most. */
const GOOD_FOR_MS = 2000;
const PATIENCE_MS = 1000;
const STREAMS = ['AUTH', 'USER', 'MARKET', 'COMMANDS', 'EXECUTIONS', 'ORDER', 'PORTFOLIO'];

export function createSystemStatus(clients: Clients, nats: Nats): () => Promise<SystemStatus> {
  let last: { status: Promise<SystemStatus>; untilMs: number } | undefined;
  return () => {
    if (last === undefined || last.untilMs < Date.now()) {
      last = { status: look(clients, nats), untilMs: Date.now() + GOOD_FOR_MS };
    }
    return last.status;
  };
}

async function look(clients: Clients, nats: Nats): Promise<SystemStatus> {
  const options = { timeoutMs: PATIENCE_MS };
  const page = { first: 1, after: '' };
  let clock: GetClockResponse | undefined;
  // Whatever is answered, even a refusal, says that somebody is there.
  const asked: Record<keyof Clients, () => Promise<unknown>> = {
    auth: () => clients.auth.getJwks({}, options),
    security: () => clients.security.listRoles({}, options),
    user: () => clients.user.batchGetProfiles({ userIds: [] }, options),
    stock: async () => void (clock = await clients.stock.getClock({}, options)),
    order: () => clients.order.batchGetOrders({ orderIds: [], groupIds: [] }, options),
    portfolio: () => clients.portfolio.listFeeSchedules({ page }, options),
    engine: () => clients.engine.getStats({}, options),
  };
  const [services, streams] = await Promise.all([
    Promise.all(Object.entries(asked).map(([name, ask]) => statusOf(name, ask))),
    Promise.all(STREAMS.map((name) => streamOf(nats, name))),
  ]);
  return { checkedAtMs: Date.now(), services, streams: streams.flatMap((stream) => stream ?? []), clock };
}

async function statusOf(name: string, ask: () => Promise<unknown>): Promise<ServiceStatus> {
  const startedAt = performance.now();
  const isUp = await ask().then(
    () => true,
    (error: unknown) => isAppError(error) && error.code !== 'unavailable',
  );
  return { name, isUp, latencyMs: Math.round(performance.now() - startedAt) };
}

async function streamOf(nats: Nats, name: string): Promise<StreamStatus | undefined> {
  try {
    const { state } = await nats.jsm.streams.info(name);
    let lag = 0;
    for await (const { config, num_pending: pending } of nats.jsm.consumers.list(name)) {
      if (config.durable_name !== undefined) lag = Math.max(lag, pending);
    }
    return { name, messages: state.messages, lag };
  } catch {
    return undefined;
  }
}
