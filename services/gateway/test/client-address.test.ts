import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { clientAddress, trustedProxiesOf } from '../src/http/client-address.ts';

const required = { NATS_URL: 'nats://nats:4222', REDIS_URL: 'redis://redis:6379', CALLER_KEY: 'k'.repeat(32) };

function from(peer: string, forwarded: string | undefined, proxies: string): string {
  const { TRUSTED_PROXIES } = readConfig({ ...required, TRUSTED_PROXIES: proxies });
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress(
    { socket: { remoteAddress: peer }, headers } as IncomingMessage,
    trustedProxiesOf(TRUSTED_PROXIES),
  );
}

test.each([
  ['nobody is believed where nobody is named', '10.42.0.7', '203.0.113.9', '', '10.42.0.7'],
  ['a proxy that is named', '10.42.0.7', '203.0.113.9', '10.42.0.7', '203.0.113.9'],
  ['a proxy in a network that is named', '10.42.200.7', '203.0.113.9', '10.42.0.0/16', '203.0.113.9'],
  ['IPv4 in IPv6 clothes', '::ffff:10.42.200.7', '203.0.113.9', '10.42.0.0/16', '203.0.113.9'],
  ['IPv6', 'fd00::7', '2001:db8::9', 'fd00::/8', '2001:db8::9'],
  ['one outside of the network', '10.43.0.7', '203.0.113.9', '10.42.0.0/16', '10.43.0.7'],
  [
    'what stands before the first that is not ours',
    '10.42.0.7',
    '198.51.100.1, 203.0.113.9, 10.42.0.8',
    '10.42.0.0/16',
    '203.0.113.9',
  ],
  ['a hop that is no address', '10.42.0.7', 'nonsense', '10.42.0.0/16', 'nonsense'],
  ['no header', '10.42.0.7', undefined, '10.42.0.0/16', '10.42.0.7'],
])('where a request comes from: %s', (_, peer, forwarded, proxies, expected) => {
  expect(from(peer, forwarded, proxies)).toBe(expected);
});

describe('a gateway does not start with', () => {
  test.each(['10.42.0.0/33', 'fd00::/129', '10.42.0.0/', '10.42.0.0/8/8', '10.42/16', 'proxy.example', '10.0.0.1,'])(
    '%s',
    (list) => {
      expect(() => from('10.42.0.7', undefined, list)).toThrow(/TRUSTED_PROXIES: should be IP addresses or networks/);
    },
  );
});
