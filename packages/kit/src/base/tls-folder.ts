import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TLS_FOLDER = 'a folder with ca.pem, cert.pem and key.pem';

export interface TlsFolder {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What mutual TLS needs; where something of it is missing, is not what its name says or does not belong to the rest, an error says which. */
export function readTlsFolder(dir: string): TlsFolder {
  const read = (name: string, parse: (pem: Buffer) => unknown): Buffer => {
    const path = join(dir, name);
    try {
      const pem = readFileSync(path);
      parse(pem);
      return pem;
    } catch (error) {
      throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
    }
  };
  const folder = {
    ca: read('ca.pem', certificate),
    cert: read('cert.pem', certificate),
    key: read('key.pem', createPrivateKey),
  };
  if (!certificate(folder.cert).checkPrivateKey(createPrivateKey(folder.key)))
    throw new Error(`${join(dir, 'key.pem')} is not the key of the certificate beside it`);
  return folder;
}

export function certificate(pem: Buffer): X509Certificate {
  return new X509Certificate(pem);
}
