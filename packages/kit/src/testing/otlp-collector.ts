import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where it is the first of its trace. */
  readonly parentId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The traces that it was caused by without being part of them. */
  readonly links: readonly string[];
  readonly resource: Readonly<Record<string, string | number>>;
}

export interface Collector {
  readonly url: string;
  spans(): CollectedSpan[];
  close(): Promise<void>;
}

/** What OTLP exporters send to, as far as a test asks: protobuf over HTTP, read by the numbers of its fields. */
export async function otlpCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      for (const of of messages(read(Buffer.concat(chunks)), 1)) spans.push(...spansOf(of));
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => [...spans],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function spansOf(resourceSpans: Field[]): CollectedSpan[] {
  const resource = attributesOf(messages(resourceSpans, 1)[0] ?? [], 1);
  return messages(resourceSpans, 2)
    .flatMap((scope) => messages(scope, 2))
    .map((span) => ({
      service: String(resource['service.name']),
      traceId: hex(span, 1),
      spanId: hex(span, 2),
      parentId: hex(span, 4),
      name: bytesOf(span, 5)[0]?.toString() ?? '',
      attributes: attributesOf(span, 9),
      links: messages(span, 13).map((link) => hex(link, 1)),
      resource,
    }));
}

function attributesOf(fields: Field[], number: number): Record<string, string | number> {
  return Object.fromEntries(
    messages(fields, number).map((pair) => {
      const value = messages(pair, 2)[0] ?? [];
      const text = bytesOf(value, 1)[0]?.toString();
      return [bytesOf(pair, 1)[0]?.toString() ?? '', text ?? Number(value[0]?.value ?? 0)];
    }),
  );
}

interface Field {
  readonly number: number;
  readonly value: Buffer | bigint;
}

function read(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) fields.push({ number: key >> 3, value: varint() });
    else fields.push({ number: key >> 3, value: take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint())) });
  }
  return fields;
}

function bytesOf(fields: Field[], number: number): Buffer[] {
  return fields.flatMap(({ number: of, value }) => (of === number && typeof value !== 'bigint' ? [value] : []));
}

function messages(fields: Field[], number: number): Field[][] {
  return bytesOf(fields, number).map(read);
}

function hex(fields: Field[], number: number): string {
  return bytesOf(fields, number)[0]?.toString('hex') ?? '';
}
