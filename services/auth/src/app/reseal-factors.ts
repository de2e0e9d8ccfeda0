import { transaction } from '@andvari/kit/db/db';
import { lockSealedWithOthers, reseal } from '../store/factors.ts';
import type { Deps } from './deps.ts';

const BATCH = 100;

export function resealing({ db, factorSealer }: Pick<Deps, 'db' | 'factorSealer'>) {
  return {
    /**
     * Seals anew what the key before sealed, so that it can be given up: people may not sign in for a year. What no key opens is left as
     * it is, for whoever finds its key.
     */
    async resealFactors(signal: AbortSignal): Promise<void> {
      let after: string | undefined = '00000000-0000-0000-0000-000000000000';
      while (after !== undefined && !signal.aborted) after = await resealBatch(after);
    },
  };

  async function resealBatch(after: string): Promise<string | undefined> {
    return transaction(db, async (tx) => {
      const batch = await lockSealedWithOthers(tx, factorSealer.keyName, after, BATCH);
      for (const { userId, sealedSecret } of batch) {
        const secret = factorSealer.open(sealedSecret, userId);
        if (secret === undefined) continue;
        const sealed = { sealedSecret: factorSealer.seal(secret, userId), sealedWith: factorSealer.keyName };
        await reseal(tx, { userId, ...sealed });
      }
      return batch.at(-1)?.userId;
    });
  }
}
