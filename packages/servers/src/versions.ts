import { dataHome } from './data-home.ts';
import { askNatsVersion } from './nats.ts';
import { askVersion } from './postgres.ts';
import type { ProgramName } from './program-name.ts';
import { findPrograms, urls } from './programs.ts';
import { askRedisVersion } from './redis.ts';

/** Which servers tests would run on, in one word: `nats-2.9.10,postgres-15.18,redis-7.0.15`. One that cannot be had is `none`. */
export async function serverVersions(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const names: ProgramName[] = ['nats', 'postgres', 'redis'];
  const { found } = await findPrograms(
    names.filter((name) => !env[urls[name]]),
    { home: dataHome().path },
  );
  const versions = await Promise.all(
    names.map(async (name) => {
      const url = env[urls[name]];
      const version = url ? await ask[name](url) : found[name]?.version;
      return `${name}-${version ?? 'none'}`;
    }),
  );
  return versions.join(',');
}

const ask: Record<ProgramName, (url: string) => Promise<string | undefined>> = {
  nats: askNatsVersion,
  postgres: askVersion,
  redis: askRedisVersion,
};
