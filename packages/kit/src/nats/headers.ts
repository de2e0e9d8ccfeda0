import type { MsgHdrs } from '@nats-io/transport-node';

/** A message's headers as a plain record; of a name that stands twice the last value counts. */
export function plainHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, values] of headers ?? []) plain[name] = values.at(-1) ?? '';
  return plain;
}
