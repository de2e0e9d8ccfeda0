import { createHash } from 'node:crypto';
import { batch } from '@andvari/kit/base/batch';
import { AppError } from '@andvari/kit/base/errors';
import type { Redis } from '@andvari/kit/redis/redis';

/** A bucket that holds `capacity` tokens and gets `perMinute` back. Each request takes one. */
export interface Bucket {
  readonly key: string;
  readonly capacity: number;
  readonly perMinute: number;
}

export interface LimitState {
  readonly allowed: boolean;
  /** Of the bucket that is nearest to its end. */
  readonly limit: number;
  readonly remaining: number;
  /** Until that bucket is full again; when refused, until it has a token. */
  readonly resetMs: number;
}

export type TakeTokens = (buckets: readonly Bucket[]) => Promise<LimitState>;

export interface TokenDraw {
  readonly buckets: readonly Bucket[];
  /** What was let through already without asking: it is taken in any case. */
  readonly spent: number;
  /** Taken from every bucket or from none. */
  readonly wanted: 0 | 1;
}

export type DrawTokens = (draw: TokenDraw) => Promise<LimitState>;

/**
 * Token buckets that all gateways share. The clock is Redis's, so gateways whose clocks differ count alike; a bucket
 * nobody draws from any more is forgotten when it would be full. What is asked at the same moment is one round trip.
 */
export function openTokenBuckets(redis: Redis): DrawTokens {
  return batch(
    async (draws: TokenDraw[]) => {
      const keys = draws.flatMap(({ buckets }) => buckets.map(({ key }) => `gateway:bucket:${key}`));
      const numbers = draws.flatMap(({ buckets, spent, wanted }) => [
        buckets.length,
        spent,
        wanted,
        ...buckets.flatMap(({ capacity, perMinute }) => [capacity, perMinute]),
      ]);
      const outcomes = await run(redis, keys, numbers);
      return draws.map((_, at) => takenFrom(outcomes.slice(at * 4, at * 4 + 4)));
    },
    {
      maxBatch: 64,
      lanes: 4,
      maxWaiting: 10_000,
      onFull: () => new AppError('unavailable', 'too many are waiting to be counted', { reason: 'overloaded' }),
    },
  );
}

function takenFrom([allowed, limit, remaining, resetMs]: number[]): LimitState {
  return { allowed: allowed === 1, limit: limit ?? 0, remaining: remaining ?? 0, resetMs: resetMs ?? 0 };
}

async function run(redis: Redis, keys: string[], numbers: number[]): Promise<number[]> {
  try {
    return (await redis.evalsha(SHA, keys.length, ...keys, ...numbers)) as number[];
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    return (await redis.eval(SCRIPT, keys.length, ...keys, ...numbers)) as number[];
  }
}

/** ARGV: for each draw how many of the keys are its own, what was spent, what is wanted, then the numbers of each bucket. */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local outcomes = {}
local key, arg = 0, 1
while arg <= #ARGV do
  local count, spent, wanted = tonumber(ARGV[arg]), tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2])
  arg = arg + 2
  local allowed, tightest = 1, nil
  local levels = {}
  for i = 1, count do
    local capacity, perMs = tonumber(ARGV[arg + i * 2 - 1]), tonumber(ARGV[arg + i * 2]) / 60000
    local held = redis.call('GET', KEYS[key + i])
    local tokens, at = capacity, now
    if held then tokens, at = struct.unpack('dd', held) end
    tokens = math.min(capacity, tokens + math.max(0, now - at) * perMs) - spent
    levels[i] = tokens
    if tokens < wanted then allowed = 0 end
  end
  for i = 1, count do
    local capacity, perMs = tonumber(ARGV[arg + i * 2 - 1]), tonumber(ARGV[arg + i * 2]) / 60000
    local tokens = levels[i] - allowed * wanted
    redis.call('SET', KEYS[key + i], struct.pack('dd', tokens, now), 'PX', math.ceil((capacity - tokens) / perMs) + 1000)
    local missing = allowed == 1 and capacity - tokens or math.max(0, 1 - tokens)
    local reset = math.ceil(missing / perMs)
    if tightest == nil or tokens / capacity < tightest[4] then
      tightest = {capacity, math.floor(tokens), reset, tokens / capacity}
    end
  end
  table.insert(outcomes, allowed)
  table.insert(outcomes, tightest[1])
  table.insert(outcomes, math.max(0, tightest[2]))
  table.insert(outcomes, tightest[3])
  key = key + count
  arg = arg + 1 + count * 2
end
return outcomes
`;
const SHA = createHash('sha1').update(SCRIPT).digest('hex');
