import type { MsgHdrs } from '@nats-io/transport-node';

/** A message's headers as a plain record; of a name that stands twice the last value counts. */
export function plainHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, values] of headers ?? []) plain[name] = values.at(-1) ?? '';
  return plain;
}

/** The headers of a message that anybody may have sent: the client reads them when they are asked for, and may refuse to. */
export function headersOf(message: { readonly headers?: MsgHdrs | undefined }): Record<string, string> {
  try {
    return plainHeaders(message.headers);
  } catch (error) {
    return { 'headers-unreadable': error instanceof Error ? error.message : String(error) };
  }
}
