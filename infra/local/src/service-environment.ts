import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Heap, Service } from '@andvari/deploy/services';

export function mainOf(root: string, service: { name: string }): string {
  return join(root, 'services', service.name, 'src/main.ts');
}

export function existing(root: string, all: Service[]): Service[] {
  return all.filter((service) => existsSync(mainOf(root, service)));
}

export interface Surroundings {
  /** By database name. */
  databaseUrls: Record<string, string>;
  natsUrl: string;
  redisUrl: string;
  /** All that could be called, running or not. */
  all: Service[];
  compileCache: string;
  /** The secret of that name, the same one for every service and at every start. */
  secret: (name: string) => string;
}

/** What a service gets told, all in one place. The rest of our own environment is passed on, except what names infrastructure. */
export function environmentOf(service: Service, around: Surroundings): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ENVIRONMENT: 'development', LOG_LEVEL: 'info', ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(POSTGRES_URL|NATS_URL|REDIS_URL|INFRA|npm_.*|NODE_OPTIONS|GRPC_PORT|HTTP_PORT)$/.test(name))
      delete env[name];
  }
  // Links in mails lead to the gateway, wherever it is, which has a page for each of them.
  const gateway = around.all.find(({ protocol }) => protocol === 'http');
  if (gateway !== undefined) env.PUBLIC_URL ??= `http://127.0.0.1:${gateway.port}`;
  for (const name of service.secrets) env[name] = around.secret(name);
  env.NODE_COMPILE_CACHE = around.compileCache;
  env[service.protocol === 'grpc' ? 'GRPC_PORT' : 'HTTP_PORT'] = String(service.port);
  env.ADMIN_PORT = String(service.adminPort);
  if (service.heap !== undefined) env.NODE_OPTIONS = heapFlags(service.heap).join(' ');
  if (service.database !== undefined) env.POSTGRES_URL = around.databaseUrls[service.database];
  if (service.nats) env.NATS_URL = around.natsUrl;
  if (service.redis) env.REDIS_URL = around.redisUrl;
  for (const neighbour of around.all.filter(({ name }) => service.calls.includes(name))) {
    env[`${neighbour.name.toUpperCase()}_ADDR`] = `127.0.0.1:${neighbour.port}`;
  }
  return env;
}

export function heapFlags({ oldMb, youngMb }: Heap): string[] {
  return [`--max-old-space-size=${oldMb}`, `--max-semi-space-size=${youngMb}`];
}
