import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { ConfigError } from '../base/config.ts';
import { certificate, readTlsFolder, type TlsFolder } from '../base/tls-folder.ts';
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

function pems(dir: string): TlsFolder {
  try {
    return readTlsFolder(dir);
  } catch (error) {
    throw new ConfigError([`  TLS_DIR: ${(error as Error).message}`]);
  }
}
