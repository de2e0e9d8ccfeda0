import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '@andvari/kit/db/types';
import { requeueDeadLetters } from '@andvari/kit/inbox/dead-letters';

export interface AppliedAgain {
  readonly applied: readonly string[];
  /** They stay, and say why. */
  readonly failed: readonly string[];
  /** Their service has not looked: it is away, or busy. It will. */
  readonly waiting: readonly string[];
}

/** Without one more being applied: some times longer than a consumer takes to look. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 200;

/** Asks for letters to be applied, and waits for what comes of it. */
export async function applyAgain(db: Db, ids: readonly string[], patienceMs = PATIENCE_MS): Promise<AppliedAgain> {
  await requeueDeadLetters(db, ids);
  let [fewest, until] = [ids.length, Date.now() + patienceMs];
  for (;;) {
    const left = await db<{ id: string; waits: boolean }[]>`
      select id, requeued_at is not null as waits from dead_letters where id = any(${[...ids]}::uuid[])`;
    const waiting = left.filter(({ waits }) => waits).map(({ id }) => id);
    if (waiting.length === 0 || Date.now() > until) {
      const there = new Set(left.map(({ id }) => id));
      const failed = left.filter(({ waits }) => !waits).map(({ id }) => id);
      return { applied: ids.filter((id) => !there.has(id)), failed, waiting };
    }
    if (waiting.length < fewest) [fewest, until] = [waiting.length, Date.now() + patienceMs];
    await pause(LOOK_EVERY_MS);
  }
}
