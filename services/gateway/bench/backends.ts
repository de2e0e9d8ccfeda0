import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { userIdOf } from '../test/fake-service.ts';
import { fakeWorld } from '../test/fake-services.ts';
import { testTokens } from '../test/test-tokens.ts';
import type { BackendsReady } from './messages.ts';

/** The services as functions in memory, served as real ones are, in a process of their own; and a sink for traces. */
const USERS = 64;

const tokens = await testTokens();
const { auth, security, user } = fakeWorld(tokens);
for (const service of [auth, security, user]) {
  service.keepsCalls = false;
  await service.start();
}
const sink = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
const lastsUntil = Math.floor(Date.now() / 1000) + 3600;
const signed = await Promise.all(
  Array.from({ length: USERS }, (_, at) => tokens.sign({ sub: userIdOf(`bench-${at}`), exp: lastsUntil })),
);
const ready: BackendsReady & { traceUrl: string } = {
  auth: auth.address,
  security: security.address,
  user: user.address,
  tokens: signed,
  traceUrl: `http://127.0.0.1:${(sink.address() as AddressInfo).port}`,
};
process.send?.(ready);
// Nobody is left to measure for.
process.once('disconnect', () => process.exit());
