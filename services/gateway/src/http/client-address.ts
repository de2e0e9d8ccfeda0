import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Proxies of our own before us: what they say of where a request comes from is believed. */
export interface TrustedProxies {
  has(address: string): boolean;
}

export function trustedProxiesOf(list: readonly string[]): TrustedProxies {
  const known = new BlockList();
  for (const each of list) {
    const [address = '', bits] = each.split('/');
    if (bits === undefined) known.addAddress(address, familyOf(address));
    else known.addSubnet(address, Number(bits), familyOf(address));
  }
  return { has: (address) => isIP(address) !== 0 && known.check(address, familyOf(address)) };
}

/**
 * Where a request comes from: the peer, or what the trusted proxies say. The list of X-Forwarded-For is read from its
 * end, where our own proxies write; the first address that is not one of theirs is as far as the truth goes.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: TrustedProxies): string {
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
export function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
