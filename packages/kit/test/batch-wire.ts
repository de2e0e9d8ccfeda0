import { EventEmitter } from 'node:events';
import { type Answer, type Call } from '@andvari/proto/common/v1/calls';
import type { Client } from '@grpc/grpc-js';
import { onTestFinished, vi } from 'vitest';
import { openMetrics } from '../src/observe/metrics.ts';
import { sendTogether } from '../src/rpc/client-batch.ts';
import type { OutgoingCall, Send } from '../src/rpc/client-unary.ts';

export const NOW = 1_800_000_000_000;
export const headers = { caller: Buffer.from([1, 2, 3]), traceparent: '00-a-b-01', requestId: 'r1' };
export const method = {
  path: '/andvari.test.v1.EchoService/Ask',
  requestSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
} as unknown as OutgoingCall['method'];
export const asked = (more: Partial<OutgoingCall> = {}): OutgoingCall => ({
  method,
  request: 'hello',
  deadline: NOW + 5000,
  signal: undefined,
  headers,
  ...more,
});

export class Stream extends EventEmitter {
  cancelled = 0;
  cancel(): void {
    this.cancelled += 1;
  }
  answer(...answers: Partial<Answer>[]): void {
    const nothing = Buffer.alloc(0);
    const whole = answers.map((each) =>
      Object.assign({ call: 0, status: 0, message: '', detail: nothing, response: nothing }, each),
    );
    this.emit('data', { answers: whole });
  }
}

export interface Batch {
  path: string;
  calls: Call[];
  deadline: number;
  stream: Stream;
}

/** gRPC as functions: what has gone out, together and alone, in the order in which it went. */
export function wire(gatherMs?: number) {
  const metrics = openMetrics('test', { runtime: false });
  const batches: Batch[] = [];
  const alone: OutgoingCall[] = [];
  const departures: number[] = [];
  const client = {
    makeServerStreamRequest(
      path: string,
      _: unknown,
      __: unknown,
      { calls }: { calls: Call[] },
      more: { deadline: number },
    ) {
      const stream = new Stream();
      batches.push({ path, calls, deadline: more.deadline, stream });
      departures.push(calls.length);
      return stream;
    },
  } as unknown as Client;
  const byItself: Send = async (call) => {
    alone.push(call);
    departures.push(1);
    return `${call.request as string}, alone`;
  };
  return { send: sendTogether(client, byItself, metrics, gatherMs), batches, alone, departures, metrics };
}

/** A clock that is turned by hand. */
export function turnedByHand(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance', 'Date'], now: NOW });
  onTestFinished(() => void vi.useRealTimers());
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
export const outcomesOf = (calls: Promise<unknown>[]) => Promise.allSettled(calls);
/** None of them fails the test by itself where nobody waits for it. */
export const quietly = (call: Promise<unknown>): Promise<unknown> => {
  call.catch(() => undefined);
  return call;
};
