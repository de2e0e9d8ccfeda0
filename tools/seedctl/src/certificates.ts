import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { CommandError } from './system.ts';

export interface Issued {
  readonly name: string;
  readonly dir: string;
  readonly endsAt: Date;
}

/**
 * An authority in a folder of its own, kept where it is there already, and for each name a folder with ca.pem, cert.pem and key.pem that is made
 * anew. Node can read certificates and not make them: openssl does.
 */
export function issueCertificates(
  folder: string,
  names: readonly string[],
  options: { readonly days: number; readonly host: string },
): Issued[] {
  const authority = openAuthority(join(folder, 'authority'));
  return names.map((name) => {
    const dir = join(folder, name);
    makeFolder(dir);
    issue(dir, name, authority, options);
    copyFileSync(authority.cert, join(dir, 'ca.pem'));
    return { name, dir, endsAt: new X509Certificate(readFileSync(join(dir, 'cert.pem'))).validToDate };
  });
}

interface Authority {
  readonly cert: string;
  readonly key: string;
}

const AUTHORITY_DAYS = '3650';
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function openAuthority(folder: string): Authority {
  const authority = { cert: join(folder, 'ca.pem'), key: join(folder, 'ca-key.pem') };
  if (existsSync(authority.cert) && existsSync(authority.key)) return authority;
  makeFolder(folder);
  const subject = ['-subj', '/CN=Andvari development'];
  const rights = [
    '-addext',
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ];
  openssl(
    'req',
    '-x509',
    ...CURVE,
    ...subject,
    ...rights,
    '-days',
    AUTHORITY_DAYS,
    '-keyout',
    authority.key,
    '-out',
    authority.cert,
  );
  chmodSync(authority.key, 0o600);
  return authority;
}

/** It both serves and calls. It is called by its own name and by the host's. */
function issue(dir: string, name: string, authority: Authority, { days, host }: { days: number; host: string }): void {
  const at = mkdtempSync(join(dir, '.new-'));
  const [request, key, cert, extensions] = ['request.pem', 'key.pem', 'cert.pem', 'extensions'].map((file) =>
    join(at, file),
  ) as [string, string, string, string];
  try {
    openssl('req', '-new', ...CURVE, '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
    const names = [...new Set([name, host])].map((each) => `DNS:${each}`).join(',');
    writeFileSync(
      extensions,
      [
        `subjectAltName=${names}`,
        'basicConstraints=critical,CA:FALSE',
        'extendedKeyUsage=serverAuth,clientAuth',
        'keyUsage=critical,digitalSignature',
      ].join('\n'),
    );
    const signer = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, ...signer, '-days', String(days), '-extfile', extensions, '-out', cert);
    chmodSync(key, 0o600);
    copyFileSync(key, join(dir, 'key.pem'));
    copyFileSync(cert, join(dir, 'cert.pem'));
    chmodSync(join(dir, 'key.pem'), 0o600);
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
}

function openssl(...words: string[]): void {
  const { error, status, stderr } = spawnSync('openssl', words, { encoding: 'utf8' });
  if (error !== undefined)
    throw new CommandError(`certificates are made by openssl, which is not there: ${error.message}`);
  if (status !== 0) throw new CommandError(`openssl ${words[0]} failed: ${stderr.trim()}`);
}
