import {
  type Answer,
  type Call,
  CallServiceService,
  type TogetherRequest,
  type TogetherResponse,
} from '@andvari/proto/common/v1/calls';
import { type Server, type ServerWritableStream, type StatusObject, status } from '@grpc/grpc-js';
import type { Scope } from '../process/scope.ts';
import { type AnswerUnary, unreadable } from './server-unary.ts';
import { detailOfStatus } from './status.ts';
import { type Definition, MAX_CALLS_TOGETHER, MAX_MESSAGE_BYTES } from './types.ts';

/** A unary method as those that come together find it. */
export interface UnaryMethod {
  readonly method: Definition[string];
  readonly answer: AnswerUnary;
}

/** Answers are sent as they come; those that come at the same moment share a message, up to this size. */
const MESSAGE_BYTES = 256 * 1024;
/** For what a message has around its one answer. */
const ENVELOPE_BYTES = 1024;

type Stream = ServerWritableStream<TogetherRequest, TogetherResponse>;

/** Lets the unary methods of a server be called several at once; see calls.proto. */
export function addTogether(server: Server, methods: ReadonlyMap<string, UnaryMethod>, scope: Scope): void {
  server.addService(CallServiceService, {
    together(stream: Stream) {
      const { calls } = stream.request;
      if (calls.length > MAX_CALLS_TOGETHER) {
        const details = `${MAX_CALLS_TOGETHER} calls go together at the most`;
        stream.emit('error', { code: status.INVALID_ARGUMENT, details });
        return;
      }
      const answers = new Answers(stream, calls.length);
      const receivedAt = Date.now();
      calls.forEach((call, at) => {
        void answerOne(methods, call, receivedAt, stream, scope).then((answer) => answers.add({ ...answer, call: at }));
      });
    },
  });
}

type Answered = Omit<Answer, 'call'>;

async function answerOne(
  methods: ReadonlyMap<string, UnaryMethod>,
  call: Call,
  receivedAt: number,
  stream: Stream,
  scope: Scope,
): Promise<Answered> {
  const { path, caller, traceparent, requestId, timeoutMs } = call;
  const known = methods.get(path);
  if (known === undefined) return failedAnswer({ code: status.UNIMPLEMENTED, details: `there is no ${path}` });
  let request: unknown;
  try {
    request = known.method.requestDeserialize(call.request);
  } catch {
    return failedAnswer({ code: status.INTERNAL, details: 'the request cannot be read' });
  }
  const incoming = {
    callerToken: caller.length === 0 ? undefined : caller,
    traceparent,
    requestId,
    deadline: receivedAt + timeoutMs,
    isCancelled: () => stream.cancelled,
    onCancelled: (listener: () => void) => void stream.on('cancelled', listener),
  };
  const outcome = await known.answer(incoming, request);
  if ('failure' in outcome) return failedAnswer(outcome.failure);
  try {
    const response = known.method.responseSerialize(outcome.response);
    if (response.length > MAX_MESSAGE_BYTES - ENVELOPE_BYTES) {
      return failedAnswer({ code: status.RESOURCE_EXHAUSTED, details: `the response has ${response.length} bytes` });
    }
    return { status: status.OK, message: '', detail: NOTHING, response };
  } catch (error) {
    return failedAnswer(unreadable(error, path, scope));
  }
}

function failedAnswer(failure: Partial<StatusObject>): Answered {
  const { code = status.UNKNOWN, details = '' } = failure;
  return { status: code, message: details, detail: detailOfStatus(failure) ?? NOTHING, response: NOTHING };
}

const NOTHING = Buffer.alloc(0);

/** The way back: answers gather until the turn of the event loop is over. */
class Answers {
  readonly #stream: Stream;
  #left: number;
  #ready: Answer[] = [];
  #bytes = 0;

  constructor(stream: Stream, count: number) {
    this.#stream = stream;
    this.#left = count;
    if (count === 0) stream.end();
  }

  add(answer: Answer): void {
    if (this.#ready.length > 0 && this.#bytes + answer.response.length > MESSAGE_BYTES) this.#send();
    this.#left -= 1;
    this.#bytes += answer.response.length;
    if (this.#ready.push(answer) === 1) setImmediate(() => this.#send());
  }

  #send(): void {
    if (this.#ready.length === 0) return;
    const answers = this.#ready;
    this.#ready = [];
    this.#bytes = 0;
    if (this.#stream.cancelled) return;
    this.#stream.write({ answers });
    if (this.#left === 0) this.#stream.end();
  }
}
