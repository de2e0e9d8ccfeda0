import type { Redis } from '@andvari/kit/redis/redis';

const PREFIX = 'stock:';

/** In Redis. While it is away nothing is kept, and everything is asked for. */
export function openSharedCopies(redis: Redis) {
  return {
    async read(keys: readonly string[]): Promise<(string | undefined)[]> {
      if (keys.length === 0) return [];
      const found = await redis.mget(keys.map((key) => PREFIX + key)).catch(() => []);
      return keys.map((_, index) => found[index] ?? undefined);
    },

    async write(entries: readonly (readonly [key: string, value: string])[], ttlMs: number): Promise<void> {
      await Promise.all(entries.map(([key, value]) => redis.set(PREFIX + key, value, 'PX', ttlMs))).catch(() => []);
    },
  };
}
