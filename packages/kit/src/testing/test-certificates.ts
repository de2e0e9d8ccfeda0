import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificates {
  readonly folder: string;
  /** The folder of somebody with ca.pem, cert.pem and key.pem, as TLS_DIR names one. */
  readonly dir: (name: string) => string;
  readonly authority: (name: string) => void;
  /** For `names` as a certificate has them: `DNS:localhost`. */
  readonly identity: (name: string, signedBy: string, names: string, lifetime?: readonly string[]) => void;
  readonly remove: () => void;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Signed by `ca`, because `x509` of older versions knows no beginning and no end. */
export const ended = ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'];

/** Authorities and those whom they sign for, made anew: a repository holds no keys. Remove them in afterAll. */
export function testCertificates(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'andvari-tls-'));
  const dir = (name: string): string => join(folder, name);
  function authority(name: string): void {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
  }

  function identity(name: string, signedBy: string, names: string, lifetime?: readonly string[]): void {
    mkdirSync(dir(name));
    writeFileSync(`${dir(name)}.ext`, `subjectAltName=${names}\n`);
    openssl('req', ...newKey, '-keyout', `${name}/key.pem`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    if (lifetime === undefined) sign(name, signedBy);
    else signAsOf(lifetime, name, signedBy);
    symlinkSync(dir(`${signedBy}.pem`), join(dir(name), 'ca.pem'));
  }

  function sign(name: string, signedBy: string): void {
    const ca = ['-CA', `${signedBy}.pem`, '-CAkey', `${signedBy}.key`, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...ca,
      '-out',
      `${name}/cert.pem`,
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
    );
  }

  function signAsOf(lifetime: readonly string[], name: string, signedBy: string): void {
    const own = ['-in', `${name}.csr`, '-out', `${name}/cert.pem`];
    const files = ['-config', 'ca.conf', '-cert', `${signedBy}.pem`, '-keyfile', `${signedBy}.key`, ...own];
    writeFileSync(dir('index'), '');
    writeFileSync(
      dir('ca.conf'),
      '[ca]\ndefault_ca=one\n[one]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n',
    );
    openssl('ca', '-batch', '-notext', ...files, ...lifetime, '-extfile', `${name}.ext`);
  }

  function openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  }
  return { folder, dir, authority, identity, remove: () => rmSync(folder, { recursive: true }) };
}
