import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const checkoutRoot = resolve(import.meta.dirname, '../../..');

export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

export interface DataHome {
  path: string;
  /** Says where the data went and why, when that is not `<checkout>/.data`. */
  note?: string;
}

/**
 * Everything that is kept between runs lies in one folder, `<checkout>/.data`. PostgreSQL refuses to run as root and therefore
 * runs as another user, who cannot enter a checkout under a closed folder such as /root: then the folder lies under /var/tmp,
 * under a name derived from the checkout, so that the next run and `make reset` find it again.
 */
export function dataHome(root = checkoutRoot): DataHome {
  const preferred = join(root, '.data');
  const user = databaseUser();
  if (user === undefined) {
    mkdirSync(preferred, { recursive: true });
    requireWritable(preferred);
    return { path: preferred };
  }
  if (canEnter(root, user)) {
    if (!existsSync(preferred)) mkdirSync(preferred);
    chmodSync(preferred, 0o755);
    return { path: preferred };
  }
  const path = `/var/tmp/andvari-${createHash('sha256').update(resolve(root)).digest('hex').slice(0, 12)}`;
  makeOwnFolder(path);
  return {
    path,
    note: `Data goes to ${path}: PostgreSQL runs as the user "${user.name}", who cannot enter ${root}.`,
  };
}

/** The user that PostgreSQL runs as when we are root; undefined when we are an ordinary user and it runs as ourselves. */
export function databaseUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = entries.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as.');
}

export function canEnter(folder: string, user: SystemUser): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (existsSync(path)) {
      const { mode, uid, gid } = statSync(path);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (path === dirname(path)) return true;
  }
}

/** A name under /var/tmp can be guessed: someone else may have put a folder or a link there first. */
function makeOwnFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${path} is needed for data but belongs to someone else. Remove it, or move the checkout.`);
  }
  chmodSync(path, 0o755);
}

function requireWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const owner = statSync(path).uid;
    throw new Error(
      `${path} belongs to uid ${owner} and cannot be written: an earlier run as another user made it. Remove it as that user (make reset).`,
      { cause },
    );
  }
}
