import { randomBytes } from 'node:crypto';
import { callerPairs, services } from './services.ts';

/** The names of all secrets that are made up, for the chart's Secret: those of single services and one for each two that call. */
export const madeUpSecrets: readonly string[] = [
  ...new Set(services.flatMap(({ secrets }) => secrets)),
  ...callerPairs(services).map(({ issuer, audience }) => `CALLER_${issuer}_TO_${audience}`.toUpperCase()),
];

/** NAME=value, a line each, as `kubectl create secret generic andvari-secrets --from-env-file=-` takes them. */
if (import.meta.main) {
  const lines = madeUpSecrets.map((name) => `${name}=${randomBytes(32).toString('base64url')}\n`);
  process.stdout.write(lines.join(''));
}
