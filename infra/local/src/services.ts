import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Service {
  name: string;
  /** gRPC for all but the gateway; `/livez /readyz /metrics` are on `adminPort`. */
  port: number;
  adminPort: number;
  protocol: 'grpc' | 'http';
  database?: string;
  nats: boolean;
  redis: boolean;
  /** Whom it calls: it gets `<NAME>_ADDR` of each. */
  calls: string[];
  /**
   * What its heap may grow to; V8 goes by the size of the machine otherwise, and lets garbage lie for long on a large
   * one. Told of the old alone, it makes the young so small that it collects all day.
   */
  heap?: Heap;
  /** Variables that get a secret made on this machine. */
  secrets: string[];
}

/** In MB: for what stays and for what is new. */
export interface Heap {
  oldMb: number;
  youngMb: number;
}

/** The system, in the order in which it is started. The last, the way in, is the first to be stopped. */
export const services: Service[] = [
  grpc('security', 8082, { database: 'security_db' }),
  grpc('user', 8083, { database: 'user_db', calls: ['portfolio', 'order'] }),
  grpc('auth', 8081, { database: 'auth_db', secrets: ['KEY_ENCRYPTION_KEY'] }),
  grpc('stock', 8084, { database: 'stock_db', redis: true }),
  grpc('portfolio', 8086, { database: 'portfolio_db', calls: ['stock'], heap: { oldMb: 80, youngMb: 8 } }),
  grpc('engine', 8087, {}),
  grpc('order', 8085, { database: 'order_db', calls: ['stock', 'portfolio', 'engine'] }),
  {
    name: 'gateway',
    port: 8080,
    adminPort: 9080,
    protocol: 'http',
    nats: true,
    redis: true,
    calls: ['auth', 'security', 'user', 'stock', 'order', 'portfolio', 'engine'],
    secrets: ['CALLER_KEY'],
  },
];

function grpc(
  name: string,
  port: number,
  needs: { database?: string; redis?: boolean; calls?: string[]; secrets?: string[]; heap?: Heap },
): Service {
  const { redis = false, calls = [], secrets = [], ...others } = needs;
  const all = ['CALLER_KEY', ...secrets];
  return { name, port, adminPort: port + 1000, protocol: 'grpc', nats: true, redis, calls, secrets: all, ...others };
}

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
