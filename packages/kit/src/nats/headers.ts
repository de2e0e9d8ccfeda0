import { type MsgHdrs, headers as newHeaders } from '@nats-io/transport-node';

/**
 * The client reads headers into a map of lists, looking through all names for each one, and writes them out of such a map: a fifth of
 * all that a service allocates which applies events or publishes them. What is plain is read and written here; whatever is not, the client
 * judges (docs/decisions/0065).
 */

const VERSION = 'NATS/1.0\r\n';
/** What a name may be made of, and what the client calls a value as well. */
const NAME = /^[!-9;-~]+$/;
const BREAK = /[\r\n]/;

/** The headers of a message that anybody may have sent; of a name that stands twice the last value counts. */
export function headersOf(message: { readonly headers?: MsgHdrs | undefined }): Record<string, string> {
  try {
    return plainHeaders(message) ?? judgedHeaders(message.headers);
  } catch (error) {
    return { 'headers-unreadable': error instanceof Error ? error.message : String(error) };
  }
}

function judgedHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, values] of headers ?? []) plain[name] = values.at(-1) ?? '';
  return plain;
}

/** Undefined where the client keeps their bytes elsewhere, or where there is anything but names and values. */
function plainHeaders(message: object): Record<string, string> | undefined {
  const text = textOf(message);
  if (text === undefined || !text.startsWith(VERSION)) return undefined;
  const plain: Record<string, string> = {};
  for (let at = VERSION.length; at < text.length; ) {
    const end = text.indexOf('\r\n', at);
    if (end === at && end + 2 === text.length) break;
    const colon = text.indexOf(':', at);
    if (end === -1 || colon === -1 || colon > end) return undefined;
    const name = text.slice(at, colon);
    const value = text.slice(colon + 1, end).trim();
    if (!NAME.test(name) || BREAK.test(value)) return undefined;
    plain[name] = value;
    at = end + 2;
  }
  return plain;
}

/** As the client keeps a message: itself in one of JetStream's, and the length of the headers beside the bytes of all. */
interface KeptMessage {
  readonly msg?: KeptMessage;
  readonly _msg?: { readonly hdr: number };
  readonly _rdata?: Uint8Array;
}

function textOf(message: KeptMessage): string | undefined {
  const { _msg, _rdata } = message.msg ?? message;
  if (_msg === undefined || _rdata === undefined || !(_msg.hdr > 0)) return undefined;
  return Buffer.from(_rdata.buffer, _rdata.byteOffset, _msg.hdr).toString('utf8');
}

/** By this name a stream knows a repetition. */
const MESSAGE_ID = 'Nats-Msg-Id';

/** For a message that is published once: the client asks such headers for their bytes and for nothing else. */
export function headersFrom(id: string, record: Readonly<Record<string, string>>): MsgHdrs {
  let text = `${VERSION}${MESSAGE_ID}: ${id}\r\n`;
  let isPlain = !BREAK.test(id) && record[MESSAGE_ID] === undefined;
  for (const name in record) {
    const value = record[name] ?? '';
    isPlain &&= NAME.test(name) && !BREAK.test(value);
    text += `${name}: ${value}\r\n`;
  }
  text += '\r\n';
  return isPlain ? ({ encode: () => Buffer.from(text) } as unknown as MsgHdrs) : judgedFrom(id, record);
}

/** Throws where the client does. */
function judgedFrom(id: string, record: Readonly<Record<string, string>>): MsgHdrs {
  const made = newHeaders();
  for (const name in record) made.set(name, record[name] ?? '');
  made.set(MESSAGE_ID, id);
  return made;
}
