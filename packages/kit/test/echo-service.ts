import { ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import { nowUs } from '../src/base/clock.ts';
import { Secret } from '../src/base/config.ts';
import { type CallContext, noCaller } from '../src/base/context.ts';
import { type Metrics, openMetrics } from '../src/observe/metrics.ts';
import type { Scope } from '../src/process/scope.ts';
import { keyBetween, signCaller } from '../src/rpc/caller-token.ts';
import { connectRpc, type RpcClient, type RpcClientOptions } from '../src/rpc/client.ts';
import { type RpcServerOptions, serve, serveRpc } from '../src/rpc/server.ts';
import { CALLER_KEY_HEADER } from '../src/rpc/types.ts';
import { testScope } from '../src/testing/test-scope.ts';
import { deserialize, EchoService, serialize, type Text } from './echo-definition.ts';

export { EchoService, type Text } from './echo-definition.ts';

type Ask = (request: Text, call: CallContext) => Promise<Text>;
type List = (request: Text, call: CallContext) => AsyncIterable<Text>;

export const callerKey = new Secret('a-key-for-tests-of-32-characters!');

/** The token of a service named `test` that calls the echo server on its own behalf. */
export function testCallerToken(key = callerKey.reveal()): Buffer {
  return signCaller(noCaller('test'), { audience: 'test', key: keyBetween(key, 'test', 'test') }, nowUs());
}

/** An echo server on a free port, gone when the test is; handlers that are left out echo. */
export async function echoServer(
  handlers: { ask?: Ask; tell?: Ask; list?: List } = {},
  options: Partial<RpcServerOptions> & { scope?: Scope } = {},
): Promise<{ address: string; metrics: Metrics; scope: Scope }> {
  const scope = options.scope ?? ownScope();
  const metrics = options.metrics ?? openMetrics('echo', { runtime: false });
  const services = [serve(EchoService, { ask: same, tell: same, list: once, ...handlers })];
  const { port } = await serveRpc(scope, { port: 0, host: '127.0.0.1', services, callerKey, metrics, ...options });
  return { address: `127.0.0.1:${port}`, metrics, scope };
}

export function echoClient(
  address: string,
  options: Partial<RpcClientOptions<typeof EchoService>> = {},
): RpcClient<typeof EchoService> {
  return connectRpc(ownScope(), EchoService, {
    address,
    service: 'test',
    callerKey,
    metrics: openMetrics('test', { runtime: false }),
    idempotent: ['ask', 'list'],
    // How long an answer takes is the machine's business; where it is too long, the test says when.
    timeoutMs: 60_000,
    ...options,
  });
}

/** A client of a server with these handlers. */
export async function echo(
  handlers: Parameters<typeof echoServer>[0] = {},
  options: Parameters<typeof echoServer>[1] = {},
): Promise<RpcClient<typeof EchoService>> {
  return echoClient((await echoServer(handlers, options)).address);
}

/** A call as somebody makes it who has no kit: no deadline, no trace, and only the word of a caller that is given. */
export function bareCall(
  address: string,
  given: { caller?: Buffer | undefined; path?: string; text?: string; credentials?: ChannelCredentials },
): Promise<{ error?: ServiceError; response?: Text }> {
  const client = new Client(address, given.credentials ?? ChannelCredentials.createInsecure());
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  if (given.caller !== undefined) metadata.set(CALLER_KEY_HEADER, given.caller);
  const path = given.path ?? EchoService.ask.path;
  const request = { text: given.text ?? '' };
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, serialize, deserialize, request, metadata, (error, response) =>
      resolve({ ...(error && { error }), ...(response && { response }) }),
    );
  });
}

/** A handler that never answers. */
export function forever(): Promise<Text> {
  return new Promise(() => undefined);
}

export function ownScope(): Scope {
  const scope = testScope();
  onTestFinished(() => void scope.close());
  return scope;
}

export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** What a promise was rejected with; a promise that was not is the test's failure. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was expected to fail and did not');
}

export async function same(request: Text): Promise<Text> {
  return request;
}

export async function* once(request: Text): AsyncGenerator<Text> {
  yield request;
}
