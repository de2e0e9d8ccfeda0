import { type Msg, type MsgHdrs, headers as newHeaders } from '@nats-io/transport-node';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headersFrom, headersOf } from '../src/nats/headers.ts';
import { openWorld } from './events-fixture.ts';

const client = newHeaders().constructor as unknown as { decode(bytes: Uint8Array): MsgHdrs };

/** A message as the client keeps it, with these headers before its contents. */
function received(text: string) {
  const bytes = Buffer.from(`${text}contents`);
  const length = Buffer.byteLength(text);
  let asked = 0;
  return {
    asked: () => asked,
    _msg: { hdr: length },
    _rdata: bytes,
    get headers() {
      asked += 1;
      return client.decode(bytes.subarray(0, length));
    },
  };
}

function asTheClientHasThem(text: string): Record<string, string> | 'refused' {
  try {
    const decoded = client.decode(Buffer.from(text));
    return Object.fromEntries([...decoded].map(([name, values]) => [name, values.at(-1) ?? '']));
  } catch {
    return 'refused';
  }
}

/** Of any kind but the halves of one; the library's own takes seconds to list them all. */
const unit = fc.nat({ max: 0x10f7ff }).map((at) => String.fromCodePoint(at < 0xd800 ? at : at + 0x800));
const name = fc.oneof(
  fc.constantFrom('ce-id', 'ce-type', 'traceparent', 'Nats-Msg-Id'),
  fc.string({ maxLength: 12 }),
  fc.string({ unit, maxLength: 6 }),
);
const value = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit, maxLength: 10 }), fc.constant(''));

describe('headers', () => {
  test('are read as the client reads them, whatever was sent', () => {
    const rubbish = fc.string({
      unit: fc.constantFrom('a', ':', ' ', '\r', '\n', '\r\n', 'é', '\t', '-'),
      maxLength: 30,
    });
    const lines = fc.array(
      fc.oneof({ weight: 4, arbitrary: fc.tuple(name, value).map((both) => both.join(': ')) }, rubbish),
    );
    fc.assert(
      fc.property(
        lines,
        fc.constantFrom('NATS/1.0', 'NATS/1.0 503', 'NATS/1.0 404 None', 'HTTP/1.1'),
        (each, version) => {
          const text = [version, ...each, '', ''].join('\r\n');
          const theirs = asTheClientHasThem(text);
          const ours = headersOf(received(text));
          if (theirs === 'refused') expect(ours).toHaveProperty('headers-unreadable');
          else expect(ours).toEqual(theirs);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('are read without the client where they are plain', () => {
    const message = received('NATS/1.0\r\nce-id: one\r\nce-id:two \r\nempty:\r\n\r\n');
    expect(headersOf(message)).toEqual({ 'ce-id': 'two', empty: '' });
    expect(message.asked()).toBe(0);
  });

  test('of none are none', () => {
    expect(headersOf({ headers: undefined })).toEqual({});
  });

  test('are written as the client writes them, or refused as it refuses them', () => {
    const record = fc.dictionary(name, value, { noNullPrototype: true });
    fc.assert(
      fc.property(record, value, (given, id) => {
        const theirs = outcome(() => {
          const made = newHeaders();
          for (const each in given) made.set(each, given[each] ?? '');
          made.set('Nats-Msg-Id', id);
          return made;
        });
        const ours = outcome(() => headersFrom(id, given));
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 3000 },
    );
  });

  test('travel through a server, and are read where this client keeps them', async ({ onTestFinished }) => {
    const { nats, stream, close } = await openWorld();
    onTestFinished(close);
    const heard = Promise.withResolvers<Msg>();
    nats.connection.subscribe(`${stream}.headers`, { callback: (_, message) => heard.resolve(message) });
    const headers = headersFrom('one', { 'ce-id': '1', who: 'Zoë' });
    nats.connection.publish(`${stream}.headers`, 'contents', { headers });
    const message = await heard.promise;
    expect(headersOf(message)).toEqual({ 'Nats-Msg-Id': 'one', 'ce-id': '1', who: 'Zoë' });
    // The client has not read them, and would keep here what it had.
    expect(message).toMatchObject({ _headers: undefined });
  });
});

function outcome(make: () => MsgHdrs): Record<string, string> | 'refused' {
  try {
    const encoded = (make() as unknown as { encode(): Uint8Array }).encode();
    return asTheClientHasThem(Buffer.from(encoded).toString());
  } catch {
    return 'refused';
  }
}
