import type { IncomingMessage } from 'node:http';

/**
 * Where a request comes from: the peer, or what the trusted proxies say. The list of X-Forwarded-For is read from its
 * end, where our own proxies write; the first address that is not one of theirs is as far as the truth goes.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: ReadonlySet<string>): string {
  let address = plain(request.socket.remoteAddress ?? '');
  const header = request.headers['x-forwarded-for'];
  if (header === undefined || !trustedProxies.has(address)) return address;
  const hops = (typeof header === 'string' ? header : header.join(',')).split(',').map((hop) => plain(hop.trim()));
  for (const hop of hops.toReversed()) {
    if (hop === '') break;
    address = hop;
    if (!trustedProxies.has(hop)) break;
  }
  return address.slice(0, MAX_ADDRESS);
}

const MAX_ADDRESS = 64;

/** An IPv4 address in IPv6 clothes is itself. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
