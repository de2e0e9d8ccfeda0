import { Socket } from 'node:net';

interface ClientOptions {
  host: string[];
  port: number[];
  path: string | false;
  fetch_types: boolean;
  shared: { typeArrayMap: object };
}

/** For the option `socket` of postgres.js, which its types leave out. Of several hosts each gets its turn. */
export function lingeringSocket(options: ClientOptions): Socket {
  // The first connection has asked which array types there are. Another that asked and was lost meanwhile would reject a
  // promise that nobody holds, and that ends the process.
  if (Object.keys(options.shared.typeArrayMap).length > 0) options.fetch_types = false;
  const socket = new LingeringSocket();
  if (options.path !== false) return socket.connect(options.path);
  const index = connects % options.host.length;
  connects += 1;
  return socket.connect(options.port[index] ?? 5432, options.host[index] ?? 'localhost');
}

let connects = 0;

/**
 * A socket for postgres.js that takes its time to close. The client writes in the next turn of the event loop, and when
 * the connection is gone by then it throws where nobody can catch it, or never writes to that connection again
 * (porsager/postgres#1154, #1208). So statements under way fail first, what is about to be written goes nowhere, and
 * only then the client hears that the connection is closed.
 */
class LingeringSocket extends Socket {
  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (event !== 'close') return super.emit(event, ...(given as []));
    this.#failStatements();
    setImmediate(() =>
      setImmediate(() => {
        // Those that were sent after it: a close that follows an error would leave them without an answer.
        this.#failStatements();
        super.emit('close', given[0] === true);
      }),
    );
    return true;
  }

  #failStatements(): void {
    if (this.listenerCount('error') > 0) super.emit('error', connectionClosed());
  }
}

/** As the client itself would say it. */
export function connectionClosed(cause?: unknown): Error {
  return Object.assign(new Error('the connection to the database was lost', { cause }), { code: 'CONNECTION_CLOSED' });
}
