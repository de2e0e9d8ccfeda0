import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATOR_TOOL } from '@andvari/deploy/services';
import { readState, runningLauncher } from '@andvari/local/run-state';
import { callerKeyName, secretFile } from '@andvari/local/service-environment';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { keepSecret } from '@andvari/servers/keep-secret';
import { z } from 'zod';

const shape = z.strictObject({
  environment: z.string().min(1),
  gateway: z.url(),
  nats: z.string().min(1),
  /** By name: `order_db`. */
  databases: z.record(z.string(), z.string()),
  services: z.record(z.string(), z.strictObject({ address: z.string(), admin: z.url() })),
  /** The keys that these services share with operators' tools. */
  keys: z.record(z.string(), z.string()),
  /** The folder with ca.pem, cert.pem and key.pem, where services ask for certificates. */
  tls: z.string().min(1).optional(),
});

/** Where the parts of a system are, and what opens them. */
export type SystemPlaces = z.infer<typeof shape>;

/** What one who asks can mend: said without a stack. */
export class CommandError extends Error {}

/** An option or a word that makes no sense. */
export class UsageError extends CommandError {}

/** From a file that says it, for a system elsewhere. */
export function readPlaces(file: string): SystemPlaces {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const parsed = shape.safeParse(text);
  if (!parsed.success) throw new CommandError(`${file} does not say what it must:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Where this checkout keeps its data. As a package of npm it is in none. */
export function homeOfCheckout(): string {
  if (existsSync(join(checkoutRoot, 'tools/seedctl/src'))) return dataHome().path;
  throw new CommandError('This seedctl is in no checkout: name a system by --system FILE, or run it in one.');
}

/** The system that the launcher of this checkout runs. */
export function localPlaces(home: string): SystemPlaces {
  const state = runningLauncher(home) === undefined ? undefined : readState(home);
  if (state === undefined) {
    throw new CommandError('Nothing is running here. make up starts a system; --system FILE names one elsewhere.');
  }
  const urls = JSON.parse(readFileSync(join(home, 'run', 'urls.json'), 'utf8')) as {
    nats: string;
    databases: Record<string, string>;
  };
  const services = state.parts.filter(({ kind }) => kind === 'service');
  const gateway = services.find(({ name }) => name === 'gateway');
  return {
    environment: 'development',
    gateway: `http://127.0.0.1:${gateway?.port ?? 0}`,
    nats: urls.nats,
    databases: urls.databases,
    services: Object.fromEntries(
      services.map(({ name, port = 0, adminPort = 0 }) => [
        name,
        { address: `127.0.0.1:${port}`, admin: `http://127.0.0.1:${adminPort}` },
      ]),
    ),
    keys: Object.fromEntries(
      OPERATOR_TOOL.calls.map((audience) => {
        const name = callerKeyName({ issuer: OPERATOR_TOOL.name, audience });
        return [audience, keepSecret(secretFile(home, name), 32)];
      }),
    ),
  };
}
