import { currentContext } from '@andvari/kit/base/context';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { normalisePassword } from '../domain/password-policy.ts';
import type { FairQueue } from './fair-queue.ts';
import { newToken } from './secrets.ts';

export interface Argon2Parameters {
  memoryCost: number;
  timeCost: number;
  parallelism: number;
}

/** Hashes with argon2id in libuv's threads, each after its turn in the queue of the address that asks. */
export interface Passwords {
  hash(password: string, address: string): Promise<string>;
  /** Takes the same time without a hash to compare with: somebody who guesses learns nothing about who is known. */
  verify(stored: string | undefined, password: string, address: string): Promise<boolean>;
  /** Made with other parameters than today's. */
  isOutdated(stored: string): boolean;
}

export async function openPasswords(options: {
  parameters: Argon2Parameters;
  queue: FairQueue;
  observe: (seconds: number) => void;
}): Promise<Passwords> {
  const { parameters, queue, observe } = options;
  const nobody = await hash(newToken().token, parameters);

  const inTurn = <T>(address: string, work: () => Promise<T>): Promise<T> => {
    const deadline = currentContext()?.deadline ?? Number.POSITIVE_INFINITY;
    const measured = async (): Promise<T> => {
      const startedAt = performance.now();
      const result = await work();
      observe((performance.now() - startedAt) / 1000);
      return result;
    };
    return queue.run(address, measured, () => Date.now() >= deadline);
  };

  return {
    hash: (password, address) => inTurn(address, () => hash(normalisePassword(password), parameters)),
    async verify(stored, password, address) {
      const matches = await inTurn(address, () => verify(stored ?? nobody, normalisePassword(password)));
      return matches && stored !== undefined;
    },
    isOutdated(stored) {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored);
      return (
        memoryCost !== parameters.memoryCost ||
        timeCost !== parameters.timeCost ||
        parallelism !== parameters.parallelism
      );
    },
  };
}
