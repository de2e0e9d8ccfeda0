/** Which folder may import which, in every service and in the web app: tidy.test.ts holds each import against it. */

/** Each folder of the web app with those it may import besides itself. */
const webLayers: Record<string, readonly string[]> = {
  main: ['app', 'live', 'api', 'ui'],
  app: ['features', 'live', 'api', 'ui', 'text'],
  features: ['live', 'api', 'ui', 'text'],
  live: ['api', 'ui'],
  api: ['ui', 'text'],
  ui: [],
  text: ['ui'],
};

export function mayImportInWeb(path: string, target: string): boolean {
  const [from, to] = [path, target].map((each) => each.replace(/^web\/src\//, '').split('/'));
  if (from?.[0] === undefined || to?.[0] === undefined) return false;
  const [fromLayer, toLayer] = [from[0].replace(/\.tsx?$/, ''), to[0].replace(/\.tsx?$/, '')];
  if (fromLayer === 'features' && toLayer === 'features') return from[1] === to[1];
  return fromLayer === toLayer || (webLayers[fromLayer]?.includes(toLayer) ?? false);
}

export const serviceNames = ['gateway', 'auth', 'security', 'user', 'stock', 'order', 'engine', 'portfolio'];

/** Each layer with those it may import besides itself. A folder or file that a table does not name is a violation. */
type Layers = Record<string, readonly string[]>;

const skeleton: Layers = {
  main: ['rpc', 'consumers', 'app', 'store', 'messages', 'ports', 'domain', 'config', 'metrics'],
  rpc: ['app', 'messages', 'domain', 'config', 'metrics'],
  consumers: ['app', 'messages', 'domain', 'config', 'metrics'],
  app: ['store', 'messages', 'ports', 'domain', 'config', 'metrics'],
  store: ['domain'],
  messages: ['domain'],
  ports: ['domain', 'config'],
  domain: [],
  config: ['domain'],
  metrics: ['domain'],
};

export const layersOf: Record<string, Layers> = {
  auth: skeleton,
  security: skeleton,
  user: skeleton,
  stock: skeleton,
  order: skeleton,
  portfolio: skeleton,
  engine: {
    main: ['maker', 'live', 'rpc', 'partition', 'events', 'store', 'config', 'metrics'],
    maker: ['partition', 'events', 'store', 'domain', 'metrics'],
    live: ['partition', 'messages', 'domain'],
    rpc: ['partition', 'messages', 'domain'],
    partition: ['events', 'store', 'messages', 'domain', 'metrics'],
    events: ['messages', 'domain'],
    store: ['domain'],
    messages: ['domain'],
    domain: [],
    config: ['domain'],
    // It reads what a partition holds when Prometheus asks.
    metrics: ['partition', 'domain'],
  },
  gateway: {
    main: ['http', 'graphql', 'schema', 'live', 'limits', 'identity', 'clients', 'config', 'metrics'],
    'export-schema': ['schema', 'graphql'],
    http: ['graphql', 'schema', 'live', 'limits', 'identity', 'clients', 'config', 'metrics'],
    graphql: ['schema', 'limits', 'identity', 'config', 'metrics'],
    schema: ['live', 'limits', 'identity', 'clients', 'config', 'metrics'],
    live: ['identity', 'clients', 'metrics'],
    limits: ['identity', 'metrics'],
    identity: ['clients', 'config', 'metrics'],
    clients: ['config', 'metrics'],
    config: [],
    metrics: [],
  },
};

export function layerOf(path: string): string {
  return (path.split('/')[3] ?? '').replace(/\.ts$/, '');
}

export function mayImport(service: string, from: string, to: string): boolean {
  return from === to || (layersOf[service]?.[from]?.includes(to) ?? false);
}
