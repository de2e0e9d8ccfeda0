import { z } from 'zod';

/** Raised when a field goes or means something else. One that comes does not raise it: who reads these lines passes over what they do not know. */
export const OUTPUT_VERSION = 1;

const text = z.string();
const count = z.int().nonnegative();
/** What may be more than a JSON number holds exactly. */
const digits = z.string().regex(/^\d+$/);
const time = z.iso.datetime();
const uuid = z.guid();
const line = z.strictObject;

const order = line({
  submitted: text,
  symbol: text,
  side: text,
  type: text,
  quantity: text,
  filled: text,
  limit: text,
  status: text,
  id: text,
});
const refusal = line({ code: text, message: text });
const backup = line({ stream: text, messages: count, lastSequence: count });

/** What a command says with --json: each of its lines is one of these. */
export const outputLines: Readonly<Record<string, readonly z.ZodType[]>> = {
  status: [
    line({ service: text, ready: text }),
    line({ database: text, migrations: count, newest: text, unpublished: count, dead_letters: count, mb: count }),
    line({ stream: text, messages: count, mb: count }),
    line({ consumer: text, stream: text, behind: count, unacknowledged: count }),
    line({ silent: text, why: text }),
  ],
  doctor: [
    line({ where: text, what: text, runbook: text }),
    line({ services: count, databases: count, complaints: z.literal(0) }),
  ],
  verify: [
    line({ check: text, subject: text, expected: text, found: text }),
    line({ orders: count, fills: count, unreadable: count, entries: digits, auditRows: digits, differences: count }),
  ],
  seed: [
    line({
      users: count,
      accounts: count,
      orders: count,
      asked: count,
      seconds: z.number(),
      first: text,
      password: text,
    }),
    line({ users: z.array(text), password: text }),
    line({ users: z.literal(0) }),
  ],
  reset: [line({ stopped: z.boolean(), removed: z.array(text) })],
  'events tail': [line({ time: text, sequence: count.optional(), subject: text, id: text, source: text, event: text })],
  'events replay': [line({ database: text, events: count })],
  'streams backup': [backup],
  'streams restore': [backup],
  'reservations restore': [
    line({ order: uuid, why: text }),
    line({ reserved: count, released: count, requeued: count, left: count }),
  ],
  'dead-letters ls': [
    line({
      database: text,
      id: uuid,
      consumer: text,
      subject: text,
      failed_at: time,
      attempts: count,
      requeued: z.boolean(),
      error: text,
    }),
  ],
  'dead-letters show': [
    line({
      id: uuid,
      consumer: text,
      subject: text,
      headers: z.record(text, text),
      error: text,
      failed_at: time,
      deliveries: count,
      attempts: count,
      requeued: z.boolean(),
      contents: z.string().regex(/^([\da-f]{2})*$/),
    }),
  ],
  'dead-letters requeue': [
    line({ requeued: z.array(uuid), applied: z.array(uuid), failed: z.array(uuid), waiting: z.array(uuid) }),
  ],
  'dead-letters drop': [line({ dropped: z.array(uuid) })],
  'engine book': [line({ side: z.enum(['buy', 'sell']), price: text, quantity: text, orders: count })],
  'engine stats': [
    line({
      partition: count,
      role: z.enum(['leader', 'standby', 'recovering', 'unknown']),
      applied: digits,
      resting: digits,
      books: count,
      snapshot: digits,
      hash: text,
    }),
  ],
  'orders ls': [order],
  'orders place': [order, refusal],
  'orders cancel': [order, refusal],
  'config check': [line({ variable: text, problem: text }), line({ service: text, problems: z.literal(0) })],
  certs: [line({ service: text, tls_dir: text, ends_at: time })],
  completion: [line({ shell: text, script: text })],
};

/** What is wrong with what a command said, a sentence each; nothing where every line is one that it may say. */
export function misfits(command: string, said: string): string[] {
  const kinds = outputLines[command];
  if (kinds === undefined) return [`nobody has described what ${command} says`];
  const lines = said === '' ? [] : said.split('\n');
  return lines.filter((one) => !kinds.some((kind) => kind.safeParse(parsed(one)).success));
}

function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return undefined;
  }
}

/** The same for programs in any language. */
export function outputSchema(): object {
  const { $schema, ...commands } = z.toJSONSchema(
    z.strictObject(Object.fromEntries(Object.entries(outputLines).map(([name, kinds]) => [name, z.union(kinds)]))),
  );
  return {
    $schema,
    title: 'What each command of seedctl says with --json, a line at a time',
    version: OUTPUT_VERSION,
    $defs: commands.properties,
  };
}
