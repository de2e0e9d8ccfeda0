import { randomBytes } from 'node:crypto';
import { composeSecrets } from './compose.ts';
import { callerKeyVariable, callerPairs, services, systemCallers } from './services.ts';

/** The names of all secrets that are made up, for the chart's Secret: those of single services and one for each two that call. */
export const madeUpSecrets: readonly string[] = [
  ...new Set(services.flatMap(({ secrets }) => secrets)),
  ...callerPairs(systemCallers).map(callerKeyVariable),
];

/**
 * NAME=value, a line each, as `kubectl create secret generic andvari-secrets --from-env-file=-` takes them; after `compose` with the
 * passwords of the servers that a compose file starts.
 */
if (import.meta.main) {
  // What begins with a digit or a dash NATS would take for a number.
  const passwords = process.argv[2] === 'compose' ? composeSecrets.map((name) => `${name}=p${random()}\n`) : [];
  process.stdout.write([...madeUpSecrets.map((name) => `${name}=${random()}\n`), ...passwords].join(''));
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
