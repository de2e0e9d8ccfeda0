import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Server } from '@grpc/grpc-js';

/** Lets grpcurl and its like list and call every method; loaded only where it is asked for. */
export async function addReflection(server: Server): Promise<void> {
  const [{ ReflectionService }, { loadFileDescriptorSetFromBuffer }] = await Promise.all([
    import('@grpc/reflection'),
    import('@grpc/proto-loader'),
  ]);
  const descriptors = readFileSync(fileURLToPath(import.meta.resolve('@andvari/proto/descriptors')));
  new ReflectionService(loadFileDescriptorSetFromBuffer(descriptors)).addToServer(server);
}
