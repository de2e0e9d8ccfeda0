import type { TransactionSql } from 'postgres';
import { connectionClosed } from './socket.ts';
import type { Db, Tx } from './types.ts';

/**
 * When its connection is lost a transaction is over, whatever `work` is doing. postgres.js would go on: it sends further
 * statements, and its own rollback or commit, to a closed socket, which ends the process, or to the next connection in
 * its place, where they take effect at once and by themselves (porsager/postgres#1155, #1208). Savepoints are not
 * watched so: use none.
 */
export async function beginAndCommit<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const connection = { lost: false };
  const end = Promise.withResolvers<never>();
  const begun = db.begin(async (tx) => {
    try {
      const result = await work(watched(tx, connection));
      if (!connection.lost) return result;
      end.reject(connectionClosed());
    } catch (error) {
      if (!connection.lost) throw error;
      // What the work made of the loss hides that it may be tried again.
      end.reject(isConnectionOver(error) ? error : connectionClosed(error));
    }
    // The server has rolled back. An answer from here would only make postgres.js say so to nobody.
    return new Promise<never>(() => undefined);
  });
  const settled = begun.finally(() => {
    connection.lost = true;
  });
  return (await Promise.race([settled, end.promise])) as T;
}

/** What the client and the server say when the connection itself is at its end. */
export function isConnectionOver(error: unknown): boolean {
  return endings.has((error as { code?: string } | null)?.code ?? '');
}
const endings = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'ECONNRESET',
  'EPIPE',
  '25P03',
  '57P01',
  '57P02',
]);

/** The first statement that fails with its connection is the last one; whoever tries another is told so. */
function watched(tx: TransactionSql<{ bigint: bigint }>, connection: { lost: boolean }): Tx {
  const watch = (made: unknown): unknown => {
    if (isQuery(made)) {
      // Its promise may not be asked, for that would send a statement that is only part of another.
      const { reject } = made;
      made.reject = (error) => {
        if (isConnectionOver(error)) connection.lost = true;
        reject(error);
      };
    }
    return made;
  };
  return new Proxy(tx, {
    apply(target, self, statement) {
      if (connection.lost) throw connectionClosed();
      return watch(Reflect.apply(target, self, statement));
    },
    get(target, name) {
      if (connection.lost) throw connectionClosed();
      const member: unknown = Reflect.get(target, name);
      if (name !== 'unsafe' && name !== 'file') return member;
      return (...given: unknown[]) => watch((member as (...given: unknown[]) => unknown)(...given));
    },
  });
}

function isQuery(made: unknown): made is { reject: (error: unknown) => void } {
  return made instanceof Promise && typeof (made as { reject?: unknown }).reject === 'function';
}
