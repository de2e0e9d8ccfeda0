import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: { data?: Record<string, unknown> | null; errors?: readonly { message: string }[] };
}

/** One operation over a connection that is kept; whatever comes back is the answer. */
export function ask(port: number, token: string, query: string, variables: object): Promise<Answer> {
  const body = JSON.stringify({ query, variables });
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer ${token}\r\n`;
  const connection = idle.pop() ?? new Connection(port);
  return connection.ask(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const idle: Connection[] = [];

/**
 * HTTP as far as the gateway speaks it: each answer says how long it is. The load shares its two processors with what it
 * measures, and Node's own client takes of them as much as the gateway does.
 */
class Connection {
  readonly #socket: Socket;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #received = '';

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    // In bytes, one a character: the length that is announced is one of bytes.
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  #read(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) return this.#fail(new Error(`an answer without a length: ${head}`));
    if (this.#received.length < end + 4 + length) return;
    const body = Buffer.from(this.#received.slice(end + 4, end + 4 + length), 'latin1').toString('utf8');
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (/^connection: *close/im.test(head)) this.#socket.destroy();
    else idle.push(this);
    const status = Number(head.slice(9, 12));
    waiting?.resolve({ status, body: body.startsWith('{') ? (JSON.parse(body) as Answer['body']) : {} });
  }

  #fail(error: Error): void {
    this.#socket.destroy();
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
