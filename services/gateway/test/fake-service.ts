import { createHash } from 'node:crypto';
import { Secret } from '@andvari/kit/base/config';
import type { CallContext } from '@andvari/kit/base/context';
import { AppError } from '@andvari/kit/base/errors';
import { openMetrics } from '@andvari/kit/observe/metrics';
import type { Scope } from '@andvari/kit/process/scope';
import { type Served, serveRpc } from '@andvari/kit/rpc/server';
import type { Definition } from '@andvari/kit/rpc/types';
import { testScope } from '@andvari/kit/testing/test-scope';
import type { Caller } from '@andvari/proto/common/v1/common';

export const CALLER_KEY = 'a key that only tests use, 32 characters and more';

export interface Call {
  method: string;
  request: Record<string, unknown>;
  caller: Caller;
  requestId: string;
}

type Answer = (request: never, caller: Caller) => unknown;
export type Answers = Record<string, Answer>;

/**
 * The services behind the gateway as plain functions: each method answers something that fits its contract, a test
 * replaces what it is about, and every call is written down with the caller that came along.
 */
export class FakeService {
  readonly calls: Call[] = [];
  /** A load of millions is not written down. */
  keepsCalls = true;
  readonly answers: Answers;
  readonly #definition: Definition;
  #scope: Scope | undefined;
  #port = 0;

  constructor(definition: Definition, answers: Answers) {
    this.#definition = definition;
    this.answers = answers;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** A method that answers with an error while the work lasts. */
  async failing(method: string, error: AppError, work: () => Promise<void>): Promise<void> {
    const before = this.answers[method];
    this.answers[method] = () => {
      throw error;
    };
    try {
      await work();
    } finally {
      Object.assign(this.answers, { [method]: before });
    }
  }

  async start(): Promise<void> {
    if (this.#scope !== undefined) return;
    this.#scope = testScope();
    const { port } = await serveRpc(this.#scope, {
      port: this.#port,
      services: [this.#served()],
      callerKey: new Secret(CALLER_KEY),
      metrics: openMetrics('fake', { runtime: false }),
      host: '127.0.0.1',
    });
    this.#port = port;
  }

  async stop(): Promise<void> {
    await this.#scope?.close();
    this.#scope = undefined;
  }

  callsOf(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  #served(): Served {
    const handlers: Served['handlers'] = {};
    for (const method of Object.keys(this.#definition)) {
      handlers[method] = async (request: never, { caller, requestId }: CallContext) => {
        if (this.keepsCalls) this.calls.push({ method, request, caller, requestId });
        const answer = this.answers[method];
        if (answer === undefined) throw new AppError('unavailable', `${method} is not there`);
        return answer(request, caller);
      };
    }
    return { definition: this.#definition, handlers };
  }
}

/** Whoever signs in with an address has an id that follows from it. */
export function userIdOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
