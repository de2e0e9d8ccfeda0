/** What a service may do at NATS: everything that is not said here is refused it. */
interface Needs {
  /** Subjects that it publishes to. */
  says: readonly string[];
  /** Streams that it reads, and makes where they are missing: whoever starts first does. */
  streams: readonly string[];
  /** Streams that it makes because others need them: it can ask how far they are and read single messages. */
  looksAt?: readonly string[];
  /** What it hears as it happens, outside of streams. */
  hears?: readonly string[];
  /** Streams under buckets of its own, and the subjects of those. */
  buckets?: readonly { stream: string; subject: string }[];
  /** Streams whose old messages it removes. */
  purges?: readonly string[];
}

const QUOTES = 'md.quote.>';
/** That somebody watches what moves. */
const WATCHED = 'md.watched';

const needs: Readonly<Record<string, Needs>> = {
  security: {
    says: ['security.>', 'user.erased.*.security'],
    streams: ['AUTH', 'SECURITY', 'USER', 'ORDER', 'PORTFOLIO', 'MARKET', 'EXECUTIONS'],
  },
  user: {
    says: ['user.>'],
    streams: ['USER', 'AUTH', 'PORTFOLIO', 'EXECUTIONS'],
  },
  auth: {
    says: ['auth.>', 'user.registered.*', 'user.verified.*', 'user.erased.*.auth'],
    streams: ['AUTH', 'USER', 'SECURITY'],
  },
  stock: {
    says: ['market.>', 'cmd.>', QUOTES],
    streams: ['MARKET', 'EXECUTIONS', 'PORTFOLIO'],
    looksAt: ['COMMANDS'],
    hears: [QUOTES, WATCHED],
  },
  portfolio: {
    says: ['portfolio.>', 'user.erased.*.portfolio'],
    streams: ['PORTFOLIO', 'EXECUTIONS', 'USER', 'MARKET'],
    hears: [QUOTES],
  },
  engine: {
    says: ['exec.>', 'cmd.>', 'md.book.>', 'md.trade.>'],
    streams: ['COMMANDS', 'EXECUTIONS', 'PORTFOLIO'],
    hears: [QUOTES],
    buckets: [
      { stream: 'KV_engine-leases', subject: '$KV.engine-leases.>' },
      { stream: 'KV_engine-inventories', subject: '$KV.engine-inventories.>' },
      { stream: 'OBJ_engine-snapshots', subject: '$O.engine-snapshots.>' },
    ],
    purges: ['COMMANDS'],
  },
  order: {
    says: ['order.>', 'cmd.>'],
    streams: ['ORDER', 'EXECUTIONS', 'MARKET'],
    looksAt: ['COMMANDS'],
    hears: [QUOTES],
  },
  // It passes on what it hears, says how far the streams and their readers are, and tells that somebody watches.
  gateway: {
    says: [WATCHED],
    streams: ['AUTH', 'SECURITY', 'USER', 'ORDER', 'PORTFOLIO', 'MARKET', 'EXECUTIONS'],
    looksAt: ['COMMANDS'],
    hears: ['md.>', 'auth.>', 'security.>'],
  },
};

export interface NatsPermissions {
  publish: string[];
  subscribe: string[];
}

/** As the server wants them: subjects, those of the JetStream API included. Undefined for whom the table does not know. */
export function natsPermissions(service: string): NatsPermissions | undefined {
  const found = needs[service];
  if (found === undefined) return undefined;
  const { says, streams, looksAt = [], hears = [], buckets = [], purges = [] } = found;
  const dead = says.length === 0 ? [] : ['dead.>'];
  return {
    publish: [
      ...says,
      ...dead,
      '$JS.API.INFO',
      ...[...streams, ...looksAt, 'DEAD'].flatMap(making),
      ...streams.flatMap(reading),
      ...purges.map((stream) => `$JS.API.STREAM.PURGE.${stream}`),
      ...buckets.flatMap(({ stream, subject }) => [
        subject,
        `$JS.API.STREAM.*.${stream}`,
        ...making(stream),
        ...reading(stream),
      ]),
    ],
    // Answers come to an inbox under its own name, so that nobody hears those of another.
    subscribe: [`_INBOX.${service}.>`, ...hears],
  };
}

function making(stream: string): string[] {
  return [
    ...['INFO', 'CREATE', 'UPDATE', 'MSG.GET'].map((what) => `$JS.API.STREAM.${what}.${stream}`),
    `$JS.API.CONSUMER.INFO.${stream}.>`,
    `$JS.API.CONSUMER.LIST.${stream}`,
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
  ];
}

function reading(stream: string): string[] {
  return [
    `$JS.API.CONSUMER.CREATE.${stream}`,
    ...['CREATE', 'DURABLE.CREATE', 'DELETE', 'MSG.NEXT'].map((what) => `$JS.API.CONSUMER.${what}.${stream}.>`),
    `$JS.ACK.${stream}.>`,
  ];
}
