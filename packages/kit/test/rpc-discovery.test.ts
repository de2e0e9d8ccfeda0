import { createRequire } from 'node:module';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import {
  Client,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { service as healthDefinition } from 'grpc-health-check';
import { expect, onTestFinished, test } from 'vitest';
import { openMetrics } from '../src/observe/metrics.ts';
import { serve, serveRpc } from '../src/rpc/server.ts';
import { bareCall, callerKey, echoServer, ownScope } from './echo-service.ts';

const { getProfile } = UserServiceService;

test('in development the server tells what can be called, with every type that it takes', async () => {
  const address = await userServer({ reflection: true });
  expect(await reflect(address, { list_services: '' })).toMatchObject({
    list_services_response: { service: expect.arrayContaining([{ name: 'andvari.user.v1.UserService' }]) as unknown },
  });
  const file = await reflect(address, { file_containing_symbol: 'andvari.user.v1.GetProfileRequest' });
  expect(file).toMatchObject({ message_response: 'file_descriptor_response' });
  expect(
    String(
      (file as { file_descriptor_response: { file_descriptor_proto: Buffer[] } }).file_descriptor_response
        .file_descriptor_proto,
    ),
  ).toContain('GetProfileRequest');
});

test('elsewhere it does not', async () => {
  const address = await userServer({});
  await expect(reflect(address, { list_services: '' })).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
});

test('the health service answers without a caller, and says no as soon as the shutdown begins', async () => {
  const gate = Promise.withResolvers<{ text: string }>();
  const { address, scope } = await echoServer({ ask: () => gate.promise });
  const heard: string[] = [];
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const { path, requestSerialize, responseDeserialize } = healthDefinition['Watch'] as HealthMethod;
  const watch = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' });
  const ended = new Promise<void>((resolve) => {
    watch.on('data', (answer: { status: string }) => {
      heard.push(answer.status);
      // Only now, so that both answers are seen.
      if (heard.length === 1) void scope.close();
      else watch.cancel();
    });
    watch.on('error', () => resolve());
  });
  await ended;
  expect(heard).toEqual(['SERVING', 'NOT_SERVING']);
});

test('a server that is not told where listens to this machine', async () => {
  const services = [serve({ getProfile }, { getProfile: async () => ({ profile: undefined }) })];
  const metrics = openMetrics('user', { runtime: false });
  const { port } = await serveRpc(ownScope(), { port: 0, services, callerKey, metrics });
  const { error } = await bareCall(`127.0.0.1:${port}`, { path: '/andvari.user.v1.UserService/Nothing' });
  expect(error?.code).toBe(status.UNIMPLEMENTED);
});

test('a method without a handler stops the start', async () => {
  const scope = ownScope();
  const services = [{ definition: { getProfile }, handlers: {} }];
  const metrics = openMetrics('user', { runtime: false });
  await expect(serveRpc(scope, { port: 0, services, callerKey, metrics })).rejects.toThrow(
    'no handler for /andvari.user.v1.UserService/GetProfile',
  );
});

async function userServer(options: { reflection?: boolean }): Promise<string> {
  const services = [serve({ getProfile }, { getProfile: async () => ({ profile: undefined }) })];
  const metrics = openMetrics('user', { runtime: false });
  const { port } = await serveRpc(ownScope(), { port: 0, host: '127.0.0.1', services, callerKey, metrics, ...options });
  return `127.0.0.1:${port}`;
}

interface HealthMethod {
  path: string;
  requestSerialize: (value: unknown) => Buffer;
  responseDeserialize: (bytes: Buffer) => unknown;
}

/** Asks as grpcurl does. */
function reflect(address: string, question: object): Promise<unknown> {
  const root = createRequire(import.meta.url).resolve('@grpc/reflection');
  const proto = root.replace(/build\/.*$/, 'build/proto/grpc/reflection/v1/reflection.proto');
  const definition: PackageDefinition = loadSync(proto, { keepCase: true, oneofs: true });
  const loaded = loadPackageDefinition(definition) as unknown as {
    grpc: { reflection: { v1: { ServerReflection: ServiceClientConstructor } } };
  };
  const client = new loaded.grpc.reflection.v1.ServerReflection(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  type Conversation = {
    on: (event: string, hear: (heard: never) => void) => void;
    write: (said: object) => void;
    end: () => void;
  };
  const stream = (client['ServerReflectionInfo'] as unknown as () => Conversation).call(client);
  return new Promise((resolve, reject) => {
    stream.on('data', (answer: unknown) => {
      resolve(answer);
      stream.end();
    });
    stream.on('error', (error: ServiceError) => reject(error));
    stream.write(question);
  });
}
