import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { ConfigError } from '../base/config.ts';
import type { Metrics } from '../observe/metrics.ts';

/**
 * Mutual TLS where a folder with ca.pem, cert.pem and key.pem is given, plain text inside one machine where not. The
 * client checks the name that it calls, so with TLS a neighbour is called by name and not by IP address.
 */
export function serverCredentials(dir: string | undefined): ServerCredentials {
  if (dir === undefined) return ServerCredentials.createInsecure();
  const { ca, cert, key } = pems(dir);
  return ServerCredentials.createSsl(ca, [{ private_key: key, cert_chain: cert }], true);
}

export function channelCredentials(dir: string | undefined): ChannelCredentials {
  if (dir === undefined) return ChannelCredentials.createInsecure();
  const { ca, cert, key } = pems(dir);
  return ChannelCredentials.createSsl(ca, key, cert);
}

/** When the certificate ends that this process goes by; another is read at the next start. */
export function reportCertificate(metrics: Metrics, dir: string | undefined): void {
  if (dir === undefined) return;
  const endsAt = certificate(pems(dir).cert).validToDate.getTime() / 1000;
  metrics.gauge('cert_expiry_timestamp_seconds', 'When the certificate ends', [], (gauge) => gauge.set(endsAt));
}

function pems(dir: string): { ca: Buffer; cert: Buffer; key: Buffer } {
  const read = (name: string, parse: (pem: Buffer) => unknown): Buffer => {
    const path = join(dir, name);
    try {
      const pem = readFileSync(path);
      parse(pem);
      return pem;
    } catch (error) {
      throw new ConfigError([`  TLS_DIR: ${path} cannot be read: ${(error as Error).message}`]);
    }
  };
  return {
    ca: read('ca.pem', certificate),
    cert: read('cert.pem', certificate),
    key: read('key.pem', createPrivateKey),
  };
}

function certificate(pem: Buffer): X509Certificate {
  return new X509Certificate(pem);
}
