import { Socket } from 'node:net';

interface ClientOptions {
  host: string[];
  port: number[];
  path: string | false;
  fetch_types: boolean;
  shared: { typeArrayMap: object };
}

/** For the option `socket` of postgres.js, which its types leave out. Of several hosts each gets its turn. */
export function databaseSocket(options: ClientOptions): Socket {
  // The first connection has asked which array types there are. Another that asked and was lost meanwhile would reject a
  // promise that nobody holds, and that ends the process.
  if (Object.keys(options.shared.typeArrayMap).length > 0) options.fetch_types = false;
  const socket = new DatabaseSocket();
  if (options.path !== false) return socket.connect(options.path);
  const index = connects % options.host.length;
  connects += 1;
  return socket.connect(options.port[index] ?? 5432, options.host[index] ?? 'localhost');
}

let connects = 0;

/**
 * What a connection had to say when it was lost, postgres.js keeps, and says it before its greeting on the next one; or it
 * waits for ever to say anything at all, because the write that it cancelled still counts as planned. The padding makes
 * the greeting long enough to be written at once, and here everything before it is dropped.
 */
class DatabaseSocket extends Socket {
  #greeted = false;

  // Not write(): connecting takes back what a subclass makes of that.
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const bytes = !this.#greeted && Buffer.isBuffer(chunk) ? greetingIn(chunk) : chunk;
    this.#greeted = true;
    // oxlint-disable-next-line no-underscore-dangle -- it is Node's name
    super._write(bytes, encoding, done);
  }

  /** A close that follows an error answers nobody, and statements were sent since that error: so once more, for those. */
  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (event === 'close' && given[0] === true && this.listenerCount('error') > 0) {
      super.emit('error', connectionClosed());
    }
    return super.emit(event, ...(given as []));
  }
}

/** As the client itself would say it. */
export function connectionClosed(cause?: unknown): Error {
  return Object.assign(new Error('the connection to the database was lost', { cause }), { code: 'CONNECTION_CLOSED' });
}

/** A parameter of the greeting that says nothing; 1024 bytes are written at once. */
export const padding = { options: ' '.repeat(1024) };

const PROTOCOL_3 = 196_608;

/** The message at the end that is as long as it says and speaks of the protocol; without one, everything. */
function greetingIn(bytes: Buffer): Buffer {
  for (let at = 0; at <= bytes.length - 8; at += 1) {
    if (bytes.readInt32BE(at) === bytes.length - at && bytes.readInt32BE(at + 4) === PROTOCOL_3)
      return bytes.subarray(at);
  }
  return bytes;
}
