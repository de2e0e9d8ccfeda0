import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { MethodDefinition, Server, ServerDuplexStream } from '@grpc/grpc-js';

/**
 * Lets grpcurl and its like list and call every method. Reading the descriptors of all contracts takes longer than the
 * whole start of a service, so nothing of it is loaded before somebody asks.
 */
export function addReflection(server: Server): void {
  for (const version of ['v1', 'v1alpha']) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    server.addService({ serverReflectionInfo: conversation(path) }, { serverReflectionInfo: hand(path) });
  }
}

type Bytes = ServerDuplexStream<Buffer, Buffer>;
type Answer = (conversation: EventEmitter & { write: (answer: unknown) => void; end: () => void }) => void;
interface Served {
  method: MethodDefinition<unknown, unknown>;
  answer: Answer;
}

/** Hands a stream of bytes to the real service, translated by the definition that came with it. */
function hand(path: string): (stream: Bytes) => void {
  return (stream) => {
    loaded().then(
      (services) => {
        const { method, answer } = services.get(path) as Served;
        const translated = Object.assign(new EventEmitter(), {
          write: (said: unknown) => stream.write(method.responseSerialize(said)),
          end: () => stream.end(),
        });
        answer(translated);
        stream.on('data', (bytes: Buffer) => translated.emit('data', method.requestDeserialize(bytes)));
        stream.on('end', () => translated.emit('end'));
      },
      (error: unknown) => stream.emit('error', error),
    );
  };
}

let loading: Promise<Map<string, Served>> | undefined;
function loaded(): Promise<Map<string, Served>> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Map<string, Served>> {
  const [{ ReflectionService }, { loadFileDescriptorSetFromBuffer }] = await Promise.all([
    import('@grpc/reflection'),
    import('@grpc/proto-loader'),
  ]);
  const descriptors = readFileSync(new URL('../../../proto/gen/descriptors.binpb', import.meta.url));
  const services = new Map<string, Served>();
  // It knows only how to add itself to a server; this one takes down what it is given.
  const server = {
    addService(definition: Record<string, Served['method']>, handlers: Record<string, Answer>): void {
      for (const [name, method] of Object.entries(definition)) {
        services.set(method.path, { method, answer: handlers[name] as Answer });
      }
    },
  };
  const service = new ReflectionService(loadFileDescriptorSetFromBuffer(descriptors));
  service.addToServer(server);
  return services;
}

function conversation(path: string): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
