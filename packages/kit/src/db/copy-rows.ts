import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getColumns, getTableName, type InferInsertModel } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Tx } from './types.ts';

/**
 * COPY into a table, in PostgreSQL's binary form: for thousands of rows at once, where lists of literals cost either side more than the rows
 * do. A row is made of each of a list, and forgotten once it is sent. Every column is given but those that the database numbers itself. There is no `on conflict`.
 */
export async function copyRows<T extends PgTable, Of>(
  tx: Tx,
  table: T,
  list: Iterable<Of>,
  rowOf: (one: Of) => InferInsertModel<T>,
): Promise<void> {
  const columns = columnsOf(table);
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const copy = tx.unsafe(`copy "${getTableName(table)}" (${names}) from stdin (format binary)`);
  // postgres.js has answered with the stream when a row turns out to be wrong, and says it to nobody but the query.
  const refused = Promise.withResolvers<never>();
  const { reject } = copy as unknown as Rejectable;
  (copy as unknown as Rejectable).reject = (error) => {
    refused.reject(error);
    reject(error);
  };
  const send = async (): Promise<void> => {
    const to = await copy.writable();
    const isDone = finished(to);
    isDone.catch(() => undefined);
    try {
      for (const piece of piecesOf(columns, list, rowOf)) {
        to.write(piece);
        // Others have their turn even while PostgreSQL takes whatever it is given.
        await nextTurn();
        if (to.destroyed) break;
        if (to.writableNeedDrain) await once(to, 'drain');
      }
    } catch (error) {
      // Else the transaction could not even be rolled back: the server waits for more rows.
      to.destroy(error as Error);
      throw error;
    }
    if (!to.destroyed) to.end();
    await isDone;
  };
  const sent = send();
  // The loser of the two has nobody else to tell.
  sent.catch(() => undefined);
  refused.promise.catch(() => undefined);
  await Promise.race([sent, refused.promise]);
}

function* piecesOf<T extends PgTable, Of>(
  columns: readonly Column[],
  list: Iterable<Of>,
  rowOf: (one: Of) => InferInsertModel<T>,
): Generator<Buffer> {
  const writer = new BinaryWriter();
  writer.begin();
  for (const one of list) {
    const row = rowOf(one) as Record<string, unknown>;
    writer.int16(columns.length);
    for (const { key, write } of columns) {
      const value = row[key];
      if (value === null || value === undefined) writer.int32(NULL);
      else write(writer, value);
    }
    if (writer.isFull) yield writer.take();
  }
  writer.int16(END);
  yield writer.take();
}

interface Rejectable {
  reject: (error: unknown) => void;
}

type Column = { readonly key: string; readonly name: string; readonly write: Write };
type Write = (writer: BinaryWriter, value: unknown) => void;

const known = new WeakMap<PgTable, readonly Column[]>();

function columnsOf(table: PgTable): readonly Column[] {
  const found = known.get(table);
  if (found !== undefined) return found;
  const made = Object.entries(getColumns(table))
    .filter(([, column]) => column.generatedIdentity?.type !== 'always')
    .map(([key, column]) => ({ key, name: column.name, write: writeOf(column) }));
  known.set(table, made);
  return made;
}

function writeOf(column: PgColumn): Write {
  const write = writes[column.getSQLType()];
  if (write === undefined) throw new Error(`${column.name} is a ${column.getSQLType()}, which nothing here copies`);
  return write;
}

const writes: Readonly<Record<string, Write>> = {
  uuid: (writer, value) => writer.uuid(value as string),
  text: (writer, value) => writer.text(value as string),
  bigint: (writer, value) => writer.bigint(value as bigint),
  integer: (writer, value) => {
    writer.int32(4);
    writer.int32(value as number);
  },
  smallint: (writer, value) => {
    writer.int32(2);
    writer.int16(value as number);
  },
  boolean: (writer, value) => {
    writer.int32(1);
    writer.byte(value === true ? 1 : 0);
  },
  'timestamp with time zone': (writer, value) => writer.bigint((value as bigint) - YEAR_2000_US),
};

const YEAR_2000_US = 946_684_800_000_000n;
const NULL = -1;
const END = -1;
const PIECE_BYTES = 131_072;
const SIGNATURE = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1');
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 0 : digit;
});
const HYPHEN = 45;
const FIRST_BEYOND_ASCII = 128;

/** Fields with their lengths before them, one after the other, in a piece of memory that grows where it has to. */
class BinaryWriter {
  #bytes = Buffer.allocUnsafe(PIECE_BYTES * 2);
  #view = viewOf(this.#bytes);
  #at = 0;

  get isFull(): boolean {
    return this.#at >= PIECE_BYTES;
  }

  /** What was written since the last time. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return taken;
  }

  begin(): void {
    this.#need(SIGNATURE.length + 8);
    this.#at += SIGNATURE.copy(this.#bytes, this.#at);
    this.int32(0);
    this.int32(0);
  }

  byte(value: number): void {
    this.#need(1);
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  int16(value: number): void {
    this.#need(2);
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
  }

  int32(value: number): void {
    this.#need(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  bigint(value: bigint): void {
    this.int32(8);
    this.#need(8);
    this.#view.setBigInt64(this.#at, value);
    this.#at += 8;
  }

  uuid(value: string): void {
    this.int32(16);
    this.#need(16);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < value.length; index += 2) {
      if (value.charCodeAt(index) === HYPHEN) index += 1;
      bytes[at] = ((DIGITS[value.charCodeAt(index)] ?? 0) << 4) | (DIGITS[value.charCodeAt(index + 1)] ?? 0);
      at += 1;
    }
    if (at !== this.#at + 16) throw new Error(`${value} is no UUID`);
    this.#at = at;
  }

  text(value: string): void {
    this.#need(4 + 3 * value.length);
    const bytes = this.#bytes;
    const from = this.#at + 4;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= FIRST_BEYOND_ASCII) return this.#anyText(value);
      bytes[from + index] = code;
    }
    this.int32(value.length);
    this.#at += value.length;
  }

  #anyText(value: string): void {
    const length = this.#bytes.write(value, this.#at + 4);
    this.int32(length);
    this.#at += length;
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#at + bytes) * 2);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
