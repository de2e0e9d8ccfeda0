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
  grpc('security', 8082, { database: 'security_db', secrets: ['AUDIT_SIGNING_KEY'] }),
  grpc('user', 8083, { database: 'user_db', calls: ['portfolio', 'order'] }),
  grpc('auth', 8081, { database: 'auth_db', secrets: ['KEY_ENCRYPTION_KEY', 'MAIL_KEY'] }),
  grpc('stock', 8084, { database: 'stock_db', redis: true }),
  grpc('portfolio', 8086, { database: 'portfolio_db', calls: ['stock', 'order'], heap: { oldMb: 160, youngMb: 16 } }),
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
    secrets: [],
  },
];

/** What operators' own tools call themselves (seedctl, make admin), and whom they call. */
export const OPERATOR_TOOL = {
  name: 'operator-tool',
  calls: services.filter(({ protocol }) => protocol === 'grpc').map(({ name }) => name),
};

/** All who call: a service, or somebody who looks after them. */
export const systemCallers: readonly Pick<Service, 'name' | 'calls'>[] = [...services, OPERATOR_TOOL];

/** The name of a key where names are those of variables: in the chart's Secret and in a compose file's `.env`. */
export function callerKeyVariable({ issuer, audience }: CallerPair): string {
  return `CALLER_${issuer}_TO_${audience}`.toUpperCase().replaceAll('-', '_');
}

/** A key for each two services of which one calls the other: what makes the caller who it is. */
export interface CallerPair {
  issuer: string;
  audience: string;
}

export function callerPairs(table: readonly Pick<Service, 'name' | 'calls'>[]): CallerPair[] {
  return table.flatMap(({ name, calls }) => calls.map((audience) => ({ issuer: name, audience })));
}

/** What a service is told of the keys between it and others: CALLERS, who may call it, and CALLEES, whom it calls. */
export function callerVariables(
  name: string,
  pairs: readonly CallerPair[],
  keyOf: (pair: CallerPair) => string,
): { CALLERS?: string; CALLEES?: string } {
  const list = (among: readonly CallerPair[], other: keyof CallerPair) =>
    among.map((pair) => `${pair[other]}=${keyOf(pair)}`).join(',');
  const callers = pairs.filter(({ audience }) => audience === name);
  const callees = pairs.filter(({ issuer }) => issuer === name);
  return {
    ...(callers.length === 0 ? {} : { CALLERS: list(callers, 'issuer') }),
    ...(callees.length === 0 ? {} : { CALLEES: list(callees, 'audience') }),
  };
}

function grpc(
  name: string,
  port: number,
  needs: {
    database?: string;
    redis?: boolean;
    calls?: string[];
    secrets?: string[];
    heap?: Heap;
  },
): Service {
  const { redis = false, calls = [], secrets = [], ...others } = needs;
  return { name, port, adminPort: port + 1000, protocol: 'grpc', nats: true, redis, calls, secrets, ...others };
}
