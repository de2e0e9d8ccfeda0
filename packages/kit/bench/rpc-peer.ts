import { closedLoop } from '@andvari/bench/closed-loop';
import {
  type GetProfileRequest,
  type GetProfileResponse,
  OnboardingState,
  UserServiceService,
} from '@andvari/proto/user/v1/user';
import { ChannelCredentials, Client, Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { Secret } from '../src/base/config.ts';
import { noCaller, withContext } from '../src/base/context.ts';
import { openLog } from '../src/observe/log.ts';
import { openMetrics } from '../src/observe/metrics.ts';
import { newTraceparent } from '../src/observe/tracing.ts';
import { Scope } from '../src/process/scope.ts';
import { connectRpc } from '../src/rpc/client.ts';
import { serve, serveRpc } from '../src/rpc/server.ts';

/**
 * One side of a call in a process of its own: `kit server`, `kit client <port>`, and the same for `bare`, which is grpc-js
 * as its manual shows it. Both send the same request and get the same profile back. Talks to its parent by messages.
 */
export type PeerMessage = { port: number } | { calls: number; seconds: number } | 'ready';
export type PeerOrder = { inFlight: number; durationMs: number };

const definition = { getProfile: UserServiceService.getProfile };
const callerKey = new Secret('a-key-for-benchmarks-of-32-chars!');
const request: GetProfileRequest = { userId: '0190d5c1-7f3e-7a00-8000-00000000002a' };
const response: GetProfileResponse = {
  profile: {
    userId: request.userId,
    email: 'ada@example.com',
    givenName: 'Ada',
    familyName: 'Lovelace',
    phone: '+4915112345678',
    country: 'DE',
    locale: 'de-DE',
    timezone: 'Europe/Berlin',
    avatarRef: '',
    onboardingState: OnboardingState.ONBOARDING_STATE_APPROVED,
    onboardingReason: '',
    version: 7n,
    createdAtUs: 1_700_000_000_000_000n,
    updatedAtUs: 1_700_000_000_000_001n,
  },
};

const roles: Record<string, (port: number) => Promise<void>> = {
  'kit server': kitServer,
  'kit client': kitClient,
  'bare server': bareServer,
  'bare client': bareClient,
};
// Whoever has asked may have been killed.
process.once('disconnect', () => process.exit());
const [kind, side, port] = process.argv.slice(2);
await roles[`${kind} ${side}`]?.(Number(port));

async function kitServer(): Promise<void> {
  const services = [serve(definition, { getProfile: async () => response })];
  const metrics = openMetrics('user');
  const bound = await serveRpc(newScope(), { port: 0, host: '127.0.0.1', services, callerKey, metrics });
  tell({ port: bound.port });
}

/** Each call is made for a user, with a deadline, as the gateway makes it. */
async function kitClient(serverPort: number): Promise<void> {
  const { getProfile } = connectRpc(newScope(), definition, {
    address: `127.0.0.1:${serverPort}`,
    service: 'gateway',
    callerKey,
    metrics: openMetrics('gateway'),
    idempotent: ['getProfile'],
  });
  const caller = { ...noCaller('gateway'), userId: request.userId, scopes: ['profile:read:own', 'order:place'] };
  const { signal } = new AbortController();
  obey(() => {
    const context = { requestId: 'r', caller, deadline: Date.now() + 5000, signal, traceparent: newTraceparent() };
    return withContext(context, () => getProfile(request));
  });
}

async function bareServer(): Promise<void> {
  const server = new Server();
  server.addService(definition, {
    getProfile: (_: unknown, callback: sendUnaryData<GetProfileResponse>) => callback(null, response),
  });
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, bound) => tell({ port: bound }));
}

async function bareClient(serverPort: number): Promise<void> {
  const client = new Client(`127.0.0.1:${serverPort}`, ChannelCredentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = definition.getProfile;
  obey(
    () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
          error ? reject(error) : resolve(answer),
        );
      }),
  );
}

function obey(call: () => Promise<unknown>): void {
  process.on('message', (order: PeerOrder) => {
    void closedLoop(order, call).then(({ calls, seconds }) => tell({ calls, seconds }));
  });
  tell('ready');
}

function tell(message: PeerMessage): void {
  process.send?.(message);
}

function newScope(): Scope {
  return new Scope(openLog('bench', 'warn'));
}
