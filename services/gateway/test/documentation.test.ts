import { readFileSync } from 'node:fs';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { variables as configuration } from '../src/config.ts';
import {
  MAX_ALIASES,
  MAX_DEPTH,
  MAX_FIELDS,
  MAX_FRAGMENTS,
  MAX_SAME_PATH,
  MAX_TOKENS,
} from '../src/limits/document-limits.ts';
import { openEventStream } from './event-stream.ts';
import { userIdOf } from './fake-service.ts';
import { type GatewayRig, gatewayRig } from './gateway-rig.ts';

/** Runs the examples of docs/graphql.md as they stand there. */
const page = readFileSync(new URL('../../../docs/graphql.md', import.meta.url), 'utf8');

interface Block {
  kind: string;
  text: string;
  /** The prose up to the next block. */
  after: string;
}
const blocks: Block[] = [...page.matchAll(/^```(.+)\n([\s\S]*?)^```\n([\s\S]*?)(?=^```|$(?![\s\S]))/gm)].map(
  ([, kind = '', text = '', after = '']) => ({ kind, text, after }),
);

const operations = blocks.flatMap(({ kind, text }, at) => {
  if (kind !== 'graphql') return [];
  const belongs = blocks.slice(at + 1, at + 3);
  const until = belongs.findIndex((block) => block.kind === 'graphql');
  const own = until === -1 ? belongs : belongs.slice(0, until);
  const part = (name: string): unknown => {
    const found = own.find((block) => block.kind === `json ${name}`);
    return found === undefined ? undefined : JSON.parse(found.text);
  };
  const [, name = ''] = /^\w+ (\w+)/.exec(text) ?? [];
  return [{ name, text, variables: part('variables') as Record<string, unknown> | undefined, answer: part('answer') }];
});
const requests = blocks.filter(({ kind }) => kind === 'http');

let rig: GatewayRig;
let token: string;
beforeAll(async () => {
  rig = await gatewayRig();
  token = await rig.tokens.sign({ sub: userIdOf('ada@example.com') });
});
afterAll(() => rig.close());

describe('the examples of docs/graphql.md', () => {
  test('are found', () => {
    expect(operations.length).toBeGreaterThan(5);
    expect(requests.length).toBeGreaterThan(3);
  });

  test.each(operations.filter(({ text }) => !text.startsWith('subscription')))('$name', async (example) => {
    const { text: query, variables = {}, answer } = example;
    const { data, errors } = await rig.ask({ query, variables, token });
    expect(errors).toEqual([]);
    if (answer !== undefined) expect(shapeOf(data)).toEqual(shapeOf(answer));
  });

  test.each(operations.filter(({ text }) => text.startsWith('subscription')))(
    '$name',
    async ({ text: query, answer }) => {
      const stream = await openEventStream(`${rig.url}/graphql`, { query }, { authorization: `Bearer ${token}` });
      await eventually(() => expect(shapeOf(stream.received[0]?.data)).toEqual(shapeOf(answer)));
      stream.close();
    },
  );

  test.each(requests.map((block): [string, Block] => [block.text.split('\n')[0] ?? '', block]))(
    '%s',
    async (_, block) => {
      const [head = '', body] = block.text.split('\n\n');
      const [start = '', ...lines] = head.trim().split('\n');
      const [method = '', path = ''] = start.split(' ');
      const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
      const response = await fetch(`${rig.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
      const [, promised] = /Answers (\d{3})/.exec(block.after) ?? [];
      expect(response.status).toBe(Number(promised));
    },
  );
});

const row = (what: string): string => page.split('\n').find((line) => line.startsWith(`| ${what} |`)) ?? '';

describe('the numbers of docs/graphql.md', () => {
  const { LIMIT_PER_USER, LIMIT_PER_API_KEY, LIMIT_PER_ADDRESS, LIMIT_LOGINS_PER_ADDRESS, ...others } = configuration(
    {},
  );
  const { MAX_COST, MAX_CONNECTIONS_PER_USER, MAX_CONNECTIONS_PER_ADDRESS } = others;
  test.each([
    ['requests', [LIMIT_PER_USER, LIMIT_PER_API_KEY, LIMIT_PER_ADDRESS]],
    ['signing in, registering, resets', [LIMIT_LOGINS_PER_ADDRESS]],
    ['cost', [MAX_COST]],
    ['streams and sockets', [MAX_CONNECTIONS_PER_USER, MAX_CONNECTIONS_PER_ADDRESS]],
  ] as const)('%s: those that hold where nothing is set', (what, limits) => {
    const numbers = row(what).match(/\d+/g) ?? [];
    expect(numbers).toEqual(expect.arrayContaining(limits.map((limit) => String(limit.parse(undefined)))));
  });

  test('depth, aliases, tokens, fields, fragments, in this order', () => {
    expect(row('depth, aliases, tokens, fields, fragments')).toContain(
      `| ${[MAX_DEPTH, MAX_ALIASES, MAX_TOKENS, MAX_FIELDS, MAX_FRAGMENTS].join(', ')}; of one path of the response ${MAX_SAME_PATH} fields |`,
    );
  });
});

/** Names and kinds of values, not the values: an example shows one of many. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}
