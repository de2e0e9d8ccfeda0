import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** A development credential made on this machine, kept from run to run and readable by its owner only. */
export function keepSecret(path: string, bytes = 24): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(bytes).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}
