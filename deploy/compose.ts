import { keptJson } from './kept-json.ts';
import { natsPermissions } from './nats-permissions.ts';
import { callerKeyVariable, callerPairs, callerVariables, type Service, services, systemCallers } from './services.ts';

/** The whole system for `docker compose`, from the table that the launcher and the chart have as well. Values come from its `.env`. */
export function composeFiles(): Readonly<Record<string, string>> {
  return {
    'system.json': keptJson(system()),
    'nats.conf': natsConf(),
    'databases.sql': databasesSql(),
    'targets.json': keptJson(targets()),
  };
}

/** What its `.env` must have, each a secret of its own. */
export const composeSecrets: readonly string[] = [
  'POSTGRES_PASSWORD',
  'REDIS_PASSWORD',
  'NATS_PASSWORD',
  ...services.flatMap(({ name, database }) => (database === undefined ? [] : [`PASSWORD_${name.toUpperCase()}`])),
  ...services.map(({ name }) => `NATS_PASSWORD_${name.toUpperCase()}`),
];

/** Nothing writes to its root, becomes more than it is, or is root. */
const confined = {
  read_only: true,
  user: '10001:10001',
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  tmpfs: ['/tmp'],
};

const ready = { condition: 'service_healthy' };
const done = { condition: 'service_completed_successfully' };

function system() {
  const withDatabase = services.filter(({ database }) => database !== undefined);
  return {
    name: 'andvari',
    services: {
      ...infrastructure(withDatabase),
      ...Object.fromEntries(withDatabase.map((service) => [`${service.name}-migrate`, migration(service)])),
      ...Object.fromEntries(services.map((service) => [service.name, process(service)])),
      ...monitoring(),
      locust: {
        profiles: ['locust'],
        image: 'locustio/locust:2.47.0',
        command: ['--locustfile', '/load/locustfile.py', '--host', 'http://gateway:8080'],
        // The people that `make load` has made, as it writes them.
        environment: { PEOPLE: '/people.json' },
        volumes: ['../../tests/load:/load:ro', `\${PEOPLE:-/dev/null}:/people.json:ro`],
        ports: ['127.0.0.1:8089:8089'],
        depends_on: { gateway: ready },
      },
    },
    volumes: { postgres: {}, nats: {} },
  };
}

function process(service: Service) {
  const needed = service.calls.map((name) => [name, { condition: 'service_started' }]);
  return {
    ...built(service),
    ...confined,
    environment: environmentOf(service),
    // The health check is the image's.
    ...(service.protocol === 'http' ? { ports: [`127.0.0.1:${service.port}:${service.port}`] } : {}),
    depends_on: {
      nats: ready,
      ...(service.redis ? { redis: ready } : {}),
      ...(service.database === undefined ? {} : { [`${service.name}-migrate`]: done }),
      ...Object.fromEntries(needed),
    },
    restart: 'unless-stopped',
    stop_grace_period: '20s',
  };
}

/** As the role that owns the tables, whom no process that serves is told. */
function migration(service: Service) {
  return {
    ...built(service),
    ...confined,
    command: ['--migrate-only'],
    environment: {
      ...environmentOf(service),
      POSTGRES_OWNER_URL: `postgres://andvari:${secret('POSTGRES_PASSWORD')}@postgres:5432/${service.database ?? ''}`,
    },
    depends_on: { postgres: ready, nats: ready },
    restart: 'no',
  };
}

function built({ name }: Service) {
  return {
    image: `andvari-${name}:\${ANDVARI_VERSION:-0.1.0}`,
    build: { context: '../..', args: { SERVICE: name } },
  };
}

function environmentOf(service: Service): Record<string, string> {
  const upper = service.name.toUpperCase();
  const { database, heap } = service;
  return {
    ENVIRONMENT: 'development',
    LISTEN_HOST: '0.0.0.0',
    [service.protocol === 'http' ? 'HTTP_PORT' : 'GRPC_PORT']: String(service.port),
    ADMIN_PORT: String(service.adminPort),
    ...(heap === undefined
      ? {}
      : { NODE_OPTIONS: `--max-old-space-size=${heap.oldMb} --max-semi-space-size=${heap.youngMb}` }),
    ...Object.fromEntries(
      services
        .filter(({ name }) => service.calls.includes(name))
        .map(({ name, port }) => [`${name.toUpperCase()}_ADDR`, `${name}:${port}`]),
    ),
    ...(database === undefined
      ? {}
      : { POSTGRES_URL: `postgres://${database}_service:${secret(`PASSWORD_${upper}`)}@postgres:5432/${database}` }),
    // Empty is as good as not given.
    OTEL_EXPORTER_OTLP_ENDPOINT: `\${OTEL_EXPORTER_OTLP_ENDPOINT:-}`,
    NATS_URL: `nats://${service.name}:${secret(`NATS_PASSWORD_${upper}`)}@nats:4222`,
    ...(service.redis ? { REDIS_URL: `redis://:${secret('REDIS_PASSWORD')}@redis:6379` } : {}),
    ...Object.fromEntries(service.secrets.map((name) => [name, secret(name)])),
    ...callerVariables(service.name, callerPairs(systemCallers), (pair) => secret(callerKeyVariable(pair))),
  };
}

function secret(name: string): string {
  return `\${${name}:?docs/operations/compose.md says where it comes from}`;
}

function infrastructure(withDatabase: readonly Service[]) {
  const check = { interval: '1s', retries: 60 };
  const passwords = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, secret(name)]));
  return {
    postgres: {
      image: 'postgres:17-alpine',
      command: ['-c', 'max_connections=200', '-c', 'jit=off'],
      environment: {
        POSTGRES_USER: 'andvari',
        ...passwords(['POSTGRES_PASSWORD', ...withDatabase.map(({ name }) => `PASSWORD_${name.toUpperCase()}`)]),
      },
      volumes: ['postgres:/var/lib/postgresql/data', './databases.sql:/docker-entrypoint-initdb.d/databases.sql:ro'],
      healthcheck: { test: ['CMD', 'pg_isready', '-h', '127.0.0.1', '-U', 'andvari'], ...check },
    },
    nats: {
      image: 'nats:2.11-alpine',
      command: ['-c', '/etc/nats/andvari.conf'],
      environment: {
        ...passwords(['NATS_PASSWORD', ...services.map(({ name }) => `NATS_PASSWORD_${name.toUpperCase()}`)]),
        // On a machine that it shares with everything else, its threads are in the way of the rest: docs/benchmarks.md.
        GOMAXPROCS: '1',
      },
      volumes: ['nats:/data', './nats.conf:/etc/nats/andvari.conf:ro'],
      healthcheck: { test: ['CMD', 'wget', '-q', '-O-', 'http://127.0.0.1:8222/healthz'], ...check },
    },
    redis: {
      image: 'redis:7-alpine',
      command: ['redis-server', '--requirepass', secret('REDIS_PASSWORD'), '--save', '', '--appendonly', 'no'],
      healthcheck: { test: ['CMD-SHELL', "redis-cli ping | grep -Eq 'PONG|NOAUTH'"], ...check },
    },
  };
}

function monitoring() {
  const from = '../monitoring';
  return {
    prometheus: part(
      'prom/prometheus:v3.5.3',
      [
        `${from}/prometheus/prometheus.yaml:/etc/prometheus/prometheus.yml:ro`,
        `${from}/prometheus/rules.yaml:/etc/prometheus/rules.yaml:ro`,
        './targets.json:/etc/prometheus/targets.json:ro',
      ],
      9090,
    ),
    // Where Prometheus looks for it: on its own loopback.
    alertmanager: {
      profiles: ['monitoring'],
      image: 'prom/alertmanager:v0.27.0',
      network_mode: 'service:prometheus',
      volumes: [`${from}/alertmanager/alertmanager.yaml:/etc/alertmanager/alertmanager.yml:ro`],
    },
    grafana: part(
      'grafana/grafana:12.3.0',
      [
        `${from}/grafana/provisioning:/etc/grafana/provisioning:ro`,
        `${from}/grafana/dashboards:/var/lib/grafana/dashboards:ro`,
      ],
      3000,
      {
        environment: {
          PROMETHEUS_URL: 'http://prometheus:9090',
          LOKI_URL: 'http://loki:3100',
          TEMPO_URL: 'http://tempo:3200',
        },
      },
    ),
    tempo: part('grafana/tempo:2.9.0', [`${from}/tempo/tempo.yaml:/etc/tempo.yaml:ro`], 3200, {
      command: ['-config.file=/etc/tempo.yaml'],
    }),
    loki: part('grafana/loki:3.6.0', [`${from}/loki/loki.yaml:/etc/loki/local-config.yaml:ro`], 3100),
  };
}

function part(image: string, volumes: readonly string[], port: number, more: object = {}) {
  return { profiles: ['monitoring'], image, volumes, ports: [`127.0.0.1:${port}:${port}`], ...more };
}

/** The server reads `$NAME` from its environment. */
function natsConf(): string {
  const users = services.flatMap(({ name }) => {
    const may = natsPermissions(name);
    if (may === undefined) return [];
    const permissions = JSON.stringify({ publish: { allow: may.publish }, subscribe: { allow: may.subscribe } });
    return [`    { user: ${name}, password: $NATS_PASSWORD_${name.toUpperCase()}, permissions: ${permissions} }`];
  });
  return `# Written by deploy/write-chart-files.ts.
http: 8222
jetstream { store_dir: "/data" }
authorization {
  users: [
    { user: andvari, password: $NATS_PASSWORD }
${users.join('\n')}
  ]
}
`;
}

/** For psql, at the first start of the image: a database for each, closed to all but the one that it is for. */
function databasesSql(): string {
  return services
    .flatMap(({ name, database }) =>
      database === undefined
        ? []
        : [
            `\\getenv password PASSWORD_${name.toUpperCase()}`,
            `create database ${database};`,
            `create role ${database}_service login password :'password';`,
            `revoke all on database ${database} from public;`,
            `grant connect on database ${database} to ${database}_service;`,
            '',
          ],
    )
    .join('\n');
}

/** As Prometheus finds them. */
function targets() {
  return services.map(({ name, adminPort }) => ({ targets: [`${name}:${adminPort}`], labels: { service: name } }));
}
