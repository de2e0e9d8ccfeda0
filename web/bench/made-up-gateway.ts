import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  buildSchema,
  execute,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { openWebApp } from '../../services/gateway/src/http/web-app.ts';
import { SYMBOLS, startTicks } from './made-up-market.ts';

/**
 * The built page as the gateway serves it, policy included, before a market of a known pace: what is measured is the page and
 * nothing else. Every answer follows from the schema; only what the page has to understand is made up by name.
 */
export async function startGateway(): Promise<{ url: string; close: () => Promise<void> }> {
  const app = openWebApp(join(import.meta.dirname, '../dist'));
  if (app === undefined) throw new Error('There is no build of the page: npx turbo run build --filter=@andvari/web');
  const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../services/gateway/schema.graphql'), 'utf8'));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://bench').pathname;
    if (request.method !== 'POST') app.serve(request, response, path);
    else if (path === '/graphql') void answer(schema, request, response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Asked {
  query: string;
  variables?: Record<string, unknown>;
}

async function answer(schema: GraphQLSchema, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { query, variables } = JSON.parse(body) as Asked;
  if (request.headers.accept?.includes('text/event-stream') === true) return stream(query, variables ?? {}, response);
  const result = await execute({
    schema,
    document: parse(query),
    variableValues: variables ?? {},
    fieldResolver: madeUp,
    typeResolver: (value, _, { schema: known }, type) =>
      typenameOf(value) ?? known.getPossibleTypes(type)[0]?.name ?? '',
  });
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
}

function stream(query: string, variables: Record<string, unknown>, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const send = (data: unknown): void => void response.write(`event: next\ndata: ${JSON.stringify({ data })}\n\n`);
  response.write(':\n\n');
  const beat = setInterval(() => response.write(':\n\n'), 5000);
  const stop = /\bmarket\b/.test(query) ? startTicks(variables, (market) => send({ market })) : () => undefined;
  if (!/\bmarket\b/.test(query)) send({ account: { __typename: 'SubscriptionStarted', position: '1' } });
  response.on('close', () => {
    clearInterval(beat);
    stop();
  });
}

const instrument = (symbol: string): Record<string, unknown> => ({
  __typename: 'Instrument',
  id: symbol,
  symbol,
  name: `${symbol} Corporation`,
  exchange: 'XNYS',
  currency: 'USD',
  tick: '0.01',
  tickBelowOne: '0.0001',
  lot: '0.000001',
  fractionable: true,
  tradable: true,
  halted: false,
});
const BARS = 400;
const nowS = (): number => Math.floor(Date.now() / 60_000) * 60;
const column = (value: (at: number) => string): string[] => Array.from({ length: BARS }, (_, at) => value(at));
const wave = (at: number): number => 200 + Math.sin(at / 15) * 3;

/** What the page has to understand, by type and field. */
const known: Record<string, (args: Record<string, unknown>) => unknown> = {
  'Query.instrument': ({ symbol }) => instrument(String(symbol)),
  'Query.instruments': () => ({ nodes: SYMBOLS.map(instrument) }),
  'Query.watchlists': () => ({ nodes: [{ id: 'w', name: 'Fifty', symbols: SYMBOLS, version: 1 }] }),
  'Query.quotes': ({ symbols }) => (symbols as string[]).map((symbol) => ({ symbol })),
  'Query.bars': () => ({
    times: Array.from({ length: BARS }, (_, at) => nowS() - (BARS - 1 - at) * 60),
    open: column((at) => wave(at).toFixed(2)),
    high: column((at) => (wave(at) + 0.3).toFixed(2)),
    low: column((at) => (wave(at) - 0.3).toFixed(2)),
    close: column((at) => wave(at + 1).toFixed(2)),
    volume: column((at) => String(1000 + at)),
    hasNextPage: false,
    endCursor: null,
  }),
  'Query.preferences': () => ({
    chartTimeframe: 'MINUTE',
    chartView: 'CANDLES',
    blotterHeight: 232,
    numberFormat: '',
    watchlist: '',
  }),
  'Query.accounts': () => ({ nodes: [{ id: 'a', accountId: 'a' }] }),
  'Query.account': () => ({ id: 'a', accountId: 'a' }),
  'Account.orders': () => ({ nodes: Array.from({ length: 20 }, (_, at) => ({ id: `o${at}`, orderId: `o${at}` })) }),
  'Account.kind': () => 'INVESTMENT',
  'Account.status': () => 'ACTIVE',
  'Order.status': () => 'NEW',
  'Order.groupId': () => null,
  'Order.limitPrice': () => '199.5',
  'MarketClock.timeZone': () => 'America/New_York',
  'PageInfo.hasNextPage': () => false,
};

const madeUp: GraphQLFieldResolver<unknown, unknown, Record<string, unknown>> = (source, args, _, info) => {
  const given = (source as Record<string, unknown> | undefined)?.[info.fieldName];
  if (given !== undefined) return given;
  const named = known[`${info.parentType.name}.${info.fieldName}`];
  return named === undefined
    ? valueOf(info.returnType, `${info.parentType.name}-${info.fieldName}`, info.schema)
    : named(args);
};

function valueOf(of: GraphQLOutputType, name: string, schema: GraphQLSchema): unknown {
  const type = getNullableType(of);
  if (isListType(type)) return [];
  if (isObjectType(type)) return {};
  if (isAbstractType(type)) return { __typename: schema.getPossibleTypes(type)[0]?.name };
  if (isEnumType(type)) return type.getValues().find(({ name: each }) => each !== 'UNKNOWN')?.name;
  const scalars: Record<string, unknown> = {
    Decimal: '100',
    DateTime: new Date().toISOString(),
    Int: 1,
    Float: 1,
    Boolean: false,
    ID: name,
    String: name === 'Account-currency' || /urrency/.test(name) ? 'USD' : 'en',
  };
  return scalars[type.name];
}

const typenameOf = (value: unknown): string | undefined => (value as { __typename?: string } | null)?.__typename;
