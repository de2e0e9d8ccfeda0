/** A growing little-endian byte buffer. The same values written in the same order give the same bytes everywhere. */
export interface ByteWriter {
  view: DataView<ArrayBuffer>;
  length: number;
}

export function createWriter(capacity: number): ByteWriter {
  return { view: new DataView(new ArrayBuffer(capacity)), length: 0 };
}

export function writeInt(writer: ByteWriter, value: number): void {
  reserve(writer, 4);
  writer.view.setInt32(writer.length, value, true);
  writer.length += 4;
}

export function writeNumber(writer: ByteWriter, value: number): void {
  reserve(writer, 8);
  writer.view.setFloat64(writer.length, value, true);
  writer.length += 8;
}

export function writeBigInt(writer: ByteWriter, value: bigint): void {
  reserve(writer, 8);
  writer.view.setBigInt64(writer.length, value, true);
  writer.length += 8;
}

export function writeText(writer: ByteWriter, text: string): void {
  const bytes = new TextEncoder().encode(text);
  writeInt(writer, bytes.length);
  reserve(writer, bytes.length);
  new Uint8Array(writer.view.buffer).set(bytes, writer.length);
  writer.length += bytes.length;
}

export function writeByte(writer: ByteWriter, value: number): void {
  reserve(writer, 1);
  writer.view.setUint8(writer.length, value);
  writer.length += 1;
}

export function writtenBytes({ view, length }: ByteWriter): Uint8Array {
  return new Uint8Array(view.buffer, 0, length);
}

export interface ByteReader {
  readonly view: DataView;
  at: number;
}

export function createReader(bytes: Uint8Array): ByteReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
}

export function readInt(reader: ByteReader): number {
  reader.at += 4;
  return reader.view.getInt32(reader.at - 4, true);
}

export function readNumber(reader: ByteReader): number {
  reader.at += 8;
  return reader.view.getFloat64(reader.at - 8, true);
}

export function readBigInt(reader: ByteReader): bigint {
  reader.at += 8;
  return reader.view.getBigInt64(reader.at - 8, true);
}

export function readText(reader: ByteReader): string {
  const length = readInt(reader);
  const { buffer, byteOffset } = reader.view;
  reader.at += length;
  return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + reader.at - length, length));
}

/** 64 bits over the bytes, as 16 hex digits: finds every accident. It is no protection against forgery. */
export function hashBytes(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let low = 0x9e3779b9 ^ bytes.length;
  let high = 0x85ebca6b;
  const words = bytes.length >>> 2;
  for (let i = 0; i < words; i++) {
    const word = view.getInt32(i * 4, true);
    low = Math.imul(low ^ word, 0xcc9e2d51);
    low = (low << 15) | (low >>> 17);
    high = Math.imul(high + word, 0x1b873593) ^ low;
    high = (high << 13) | (high >>> 19);
  }
  for (let i = words * 4; i < bytes.length; i++) {
    low = Math.imul(low ^ bytes[i]!, 0x01000193);
    high = Math.imul(high + bytes[i]!, 0x85ebca6b) ^ low;
  }
  return hex(mix(low ^ (high >>> 7))) + hex(mix(high ^ (low << 9)));
}

function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

function reserve(writer: ByteWriter, bytes: number): void {
  if (writer.length + bytes <= writer.view.byteLength) return;
  const wider = new Uint8Array(Math.max(writer.view.byteLength * 2, writer.length + bytes));
  wider.set(new Uint8Array(writer.view.buffer));
  writer.view = new DataView(wider.buffer);
}
