import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keepSecret } from '@andvari/servers/keep-secret';
import { type NatsUser, natsUsers } from '@andvari/servers/nats';
import type { ProgramName } from '@andvari/servers/program-name';
import { makeFolder } from '@andvari/servers/server';

const run = promisify(execFile);

const inside: Record<ProgramName, number> = { postgres: 5432, nats: 4222, redis: 6379 };

/** Whether an engine answers, not merely whether the client is installed. */
export async function composeAnswers(): Promise<boolean> {
  try {
    await run('docker', ['compose', 'version'], { timeout: 5000 });
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 5000 });
    return true;
  } catch {
    return false;
  }
}

/** Starts what is asked for in containers and gives its URLs. The containers belong to this checkout's project name alone. */
export async function startCompose(options: {
  names: ProgramName[];
  root: string;
  home: string;
  natsUsers?: readonly NatsUser[];
}): Promise<{ urls: Partial<Record<ProgramName, string>>; stop(): Promise<void> }> {
  const { names, root, home } = options;
  const { args, env, password } = project(root, home);
  writeFileSync(env.NATS_CONFIG, natsConfig(password, options.natsUsers), { mode: 0o600 });
  await run('docker', [...args, 'up', '--detach', '--wait', ...names], { env, timeout: 300_000 });
  const urls: Partial<Record<ProgramName, string>> = {};
  for (const name of names) {
    const { stdout } = await run('docker', [...args, 'port', name, String(inside[name])], { env });
    const at = stdout.trim();
    if (name === 'postgres') urls.postgres = `postgres://andvari:${password}@${at}/postgres`;
    if (name === 'nats') urls.nats = `nats://andvari:${password}@${at}`;
    if (name === 'redis') urls.redis = `redis://:${password}@${at}`;
  }
  return {
    urls,
    async stop() {
      await run('docker', [...args, 'stop', ...names], { env, timeout: 60_000 });
    },
  };
}

/** Containers and volumes of this checkout. Nothing happens when no engine answers. */
export async function removeCompose(root: string, home: string): Promise<void> {
  if (!(await composeAnswers())) return;
  const { args, env } = project(root, home);
  await run('docker', [...args, 'down', '--volumes'], { env, timeout: 60_000 });
}

/** For the server in its container, whose user is not ours: the folder that the file lies in is closed to others. */
export function natsConfig(password: string, users: readonly NatsUser[] = []): string {
  return `http: 8222
jetstream { store_dir: "/data" }
authorization { users: ${natsUsers(password, users)} }
`;
}

function project(root: string, home: string) {
  makeFolder(join(home, 'compose'));
  const password = keepSecret(join(home, 'compose', 'password'));
  const name = `andvari-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
  return {
    args: ['compose', '--project-name', name, '--file', join(root, 'infra/compose/infra.yaml')],
    env: {
      ...process.env,
      POSTGRES_PASSWORD: password,
      NATS_CONFIG: join(home, 'compose', 'nats.conf'),
      REDIS_PASSWORD: password,
    },
    password,
  };
}
