import { createHash } from 'node:crypto';
import type { Redis } from '@andvari/kit/redis';

/** A bucket that holds `capacity` tokens and gets `perMinute` back. Each request takes one. */
export interface Bucket {
  readonly key: string;
  readonly capacity: number;
  readonly perMinute: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Of the bucket that is nearest to its end. */
  readonly limit: number;
  readonly remaining: number;
  /** Until that bucket is full again; when refused, until it has a token. */
  readonly resetMs: number;
}

export type TakeTokens = (buckets: readonly Bucket[]) => Promise<Taken>;

/**
 * Takes a token of every bucket or of none, in one round trip. The clock is Redis's, so gateways whose clocks differ
 * count alike; a bucket nobody draws from any more is forgotten when it would be full.
 */
export function openTokenBuckets(redis: Redis): TakeTokens {
  return async (buckets) => {
    const keys = buckets.map(({ key }) => `gateway:limit:${key}`);
    const numbers = buckets.flatMap(({ capacity, perMinute }) => [capacity, perMinute]);
    const [allowed, limit, remaining, resetMs] = await run(redis, keys, numbers);
    return { allowed: allowed === 1, limit: limit ?? 0, remaining: remaining ?? 0, resetMs: resetMs ?? 0 };
  };
}

async function run(redis: Redis, keys: string[], numbers: number[]): Promise<number[]> {
  try {
    return (await redis.evalsha(SHA, keys.length, ...keys, ...numbers)) as number[];
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    return (await redis.eval(SCRIPT, keys.length, ...keys, ...numbers)) as number[];
  }
}

const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local allowed, tightest = 1, nil
local levels = {}
for i, key in ipairs(KEYS) do
  local capacity, perMs = tonumber(ARGV[i * 2 - 1]), tonumber(ARGV[i * 2]) / 60000
  local held = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = tonumber(held[1] or capacity)
  tokens = math.min(capacity, tokens + math.max(0, now - tonumber(held[2] or now)) * perMs)
  levels[i] = tokens
  if tokens < 1 then allowed = 0 end
end
for i, key in ipairs(KEYS) do
  local capacity, perMs = tonumber(ARGV[i * 2 - 1]), tonumber(ARGV[i * 2]) / 60000
  local tokens = levels[i] - allowed
  redis.call('HSET', key, 'tokens', tostring(tokens), 'at', now)
  redis.call('PEXPIRE', key, math.ceil((capacity - tokens) / perMs) + 1000)
  local missing = allowed == 1 and capacity - tokens or math.max(0, 1 - tokens)
  local reset = math.ceil(missing / perMs)
  if tightest == nil or tokens / capacity < tightest[4] then
    tightest = {capacity, math.floor(tokens), reset, tokens / capacity}
  end
end
return {allowed, tightest[1], math.max(0, tightest[2]), tightest[3]}
`;
const SHA = createHash('sha1').update(SCRIPT).digest('hex');
