import type { Bucket, DrawTokens, LimitState, TakeTokens } from './token-buckets.ts';

/** Within so long what was spent ahead is settled, and an answer of Redis counts as fresh for twice as long. */
const SETTLE_MS = 50;
const MAX_ACCOUNTS = 10_000;

export interface OptimisticLimiter {
  take: TakeTokens;
  /** Takes so many more in any case, for what was let in already. */
  charge: (buckets: readonly Bucket[], units: number) => void;
}

/** Buckets that are drawn from together, as Redis saw them last. */
interface Account {
  readonly buckets: readonly Bucket[];
  seen: LimitState;
  seenAtMs: number;
  /** Requests that Redis has not been told of. */
  spent: number;
  /** Requests that it is being told of: `seen` does not count them yet. */
  reported: number;
}

/**
 * Lets those pass at once who are far from their limit, on what Redis said a moment ago, and tells it afterwards of all they
 * sent meanwhile. Whoever has used half of a bucket is asked about at each request, so a viewer at one gateway gets exactly
 * what the buckets hold. Several gateways, or several viewers at one address, can be ahead of them by what they send within
 * the same fifty milliseconds, each by half a bucket at the most; it is taken from what they get next.
 */
export function optimisticLimiter(draw: DrawTokens): OptimisticLimiter {
  const accounts = new Map<string, Account>();
  let isSettling = false;

  const report = async (account: Account, wanted: 0 | 1): Promise<LimitState> => {
    const { buckets, spent } = account;
    account.spent = 0;
    account.reported += spent;
    try {
      account.seen = await draw({ buckets, spent, wanted });
      account.seenAtMs = Date.now();
      return account.seen;
    } finally {
      account.reported -= spent;
    }
  };

  const settleSoon = (): void => {
    if (isSettling || accounts.size === 0) return;
    isSettling = true;
    setTimeout(() => {
      isSettling = false;
      for (const [id, account] of accounts) settle(id, account);
      settleSoon();
    }, SETTLE_MS).unref();
  };

  const settle = (id: string, account: Account): void => {
    // When Redis is away, the next request finds out for itself.
    if (account.spent > 0) report(account, 0).catch(() => accounts.delete(id));
    else if (!isFresh(account, Date.now())) accounts.delete(id);
  };

  const take: TakeTokens = async (buckets) => {
    const id = idOf(buckets);
    const known = accounts.get(id);
    if (known !== undefined && isFresh(known, Date.now()) && isFarFromLimit(known)) {
      known.spent += 1;
      return afterSpending(known);
    }
    if (known !== undefined) return report(known, 1);
    const account = { buckets, seen: NOTHING, seenAtMs: 0, spent: 0, reported: 0 };
    if (accounts.size < MAX_ACCOUNTS) accounts.set(id, account);
    settleSoon();
    return report(account, 1);
  };

  return {
    take,
    charge(buckets, units) {
      const known = accounts.get(idOf(buckets));
      if (known !== undefined) known.spent += units;
      // Best effort: whoever cannot be counted is let through as long as Redis is away.
      else draw({ buckets, spent: units, wanted: 0 }).catch(() => undefined);
    },
  };
}

function idOf(buckets: readonly Bucket[]): string {
  return buckets.map(({ key }) => key).join(' ');
}

const NOTHING: LimitState = { allowed: false, limit: 0, remaining: 0, resetMs: 0 };

function isFresh({ seenAtMs }: Account, nowMs: number): boolean {
  return nowMs - seenAtMs <= 2 * SETTLE_MS;
}

function isFarFromLimit({ seen, spent, reported }: Account): boolean {
  return seen.allowed && (seen.remaining - spent - reported) * 2 > seen.limit;
}

function afterSpending({ seen, spent, reported }: Account): LimitState {
  const { limit, remaining, resetMs } = seen;
  const unseen = spent + reported;
  const missing = Math.max(1, limit - remaining);
  return { ...seen, remaining: remaining - unseen, resetMs: Math.ceil((resetMs * (missing + unseen)) / missing) };
}
