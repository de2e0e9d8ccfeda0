import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CallerPair,
  callerPairs,
  callerVariables,
  type Heap,
  OPERATOR_TOOL,
  type Service,
} from '@andvari/deploy/services';
import type { DatabaseUrls } from './databases.ts';

export function mainOf(root: string, service: { name: string }): string {
  return join(root, 'services', service.name, 'src/main.ts');
}

export function existing(root: string, all: Service[]): Service[] {
  return all.filter((service) => existsSync(mainOf(root, service)));
}

export interface Surroundings {
  /** By database name. */
  databases: Record<string, DatabaseUrls>;
  /** Of a service's own user there, where it has one. */
  natsUrl: (service: string) => string;
  redisUrl: string;
  /** All that could be called, running or not. */
  all: Service[];
  /** Who calls besides: a test. */
  tools?: readonly Pick<Service, 'name' | 'calls'>[];
  compileCache: string;
  /** The secret of that name, of 32 bytes in base64url, the same one at every start. */
  secret: (name: string) => string;
}

export function secretFile(home: string, name: string): string {
  return join(home, 'databases', name.toLowerCase().replaceAll('_', '-'));
}

/** The key between two services: a file of its own, so that nobody has to be told another's. */
export function callerKeyName({ issuer, audience }: CallerPair): string {
  return `CALLER_${issuer}_TO_${audience}`;
}

/** Where a front end that is being written is served from: by Vite, by most others, by Angular. */
export const pagesInDevelopment = ['localhost', '127.0.0.1'].flatMap((host) =>
  [5173, 3000, 4200].map((port) => `http://${host}:${port}`),
);

/** What a service gets told, all in one place. The rest of our own environment is passed on, except what names infrastructure. */
export function environmentOf(service: Service, around: Surroundings): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ENVIRONMENT: 'development', LOG_LEVEL: 'info', ...process.env };
  for (const name of Object.keys(env)) {
    if (
      /^(POSTGRES_URL|POSTGRES_OWNER_URL|NATS_URL|REDIS_URL|INFRA|CALLER_KEY|CALLERS|CALLEES|npm_.*|NODE_OPTIONS|GRPC_PORT|HTTP_PORT)$/.test(
        name,
      )
    )
      delete env[name];
  }
  // Links in mails lead to the gateway, wherever it is, which has a page for each of them.
  const gateway = around.all.find(({ protocol }) => protocol === 'http');
  if (gateway !== undefined) env.PUBLIC_URL ??= `http://127.0.0.1:${gateway.port}`;
  // Pages of one's own, under the names and at the ports that their tools take.
  env.ALLOWED_ORIGINS ??= pagesInDevelopment.join(',');
  for (const name of service.secrets) env[name] = around.secret(name);
  const pairs = callerPairs([...around.all, OPERATOR_TOOL, ...(around.tools ?? [])]);
  Object.assign(
    env,
    callerVariables(service.name, pairs, (pair) => around.secret(callerKeyName(pair))),
  );
  env.NODE_COMPILE_CACHE = around.compileCache;
  env[service.protocol === 'grpc' ? 'GRPC_PORT' : 'HTTP_PORT'] = String(service.port);
  env.ADMIN_PORT = String(service.adminPort);
  const heap = heapOf(service);
  if (heap.length > 0) env.NODE_OPTIONS = heap.join(' ');
  if (service.database !== undefined) env.POSTGRES_URL = around.databases[service.database]?.url;
  if (service.nats) env.NATS_URL = around.natsUrl(service.name);
  if (service.redis) env.REDIS_URL = around.redisUrl;
  for (const neighbour of around.all.filter(({ name }) => service.calls.includes(name))) {
    env[`${neighbour.name.toUpperCase()}_ADDR`] = `127.0.0.1:${neighbour.port}`;
  }
  return env;
}

/** Garbage of the start that V8 lets lie: in a process that many share it hardly shows, in each of eight it does. */
const YOUNG_MB_TOGETHER = 8;
const YOUNG_MB_QUIET = 4;
/** Nothing that an order waits for is their work. */
const QUIET = ['security', 'user', 'auth', 'stock'];

function heapOf({ name, heap }: Service): string[] {
  if (heap !== undefined) return heapFlags(heap);
  return QUIET.includes(name) ? [youngFlag(YOUNG_MB_QUIET)] : [];
}

/** Of all services in one process. */
export const heapTogether = [youngFlag(YOUNG_MB_TOGETHER)];

function youngFlag(mb: number): string {
  return `--max-semi-space-size=${mb}`;
}

export function heapFlags({ oldMb, youngMb }: Heap): string[] {
  return [`--max-old-space-size=${oldMb}`, youngFlag(youngMb)];
}
