import { transaction } from '@andvari/kit/db/db';
import { insertUsers } from '../store/users.ts';
import type { Deps } from './deps.ts';

export function importing({ db, passwords }: Pick<Deps, 'db' | 'passwords'>) {
  /** A batch after another comes with the same word, and a hash takes as long as all else of a batch. */
  let last: { readonly password: string; readonly hash: string } | undefined;
  const hashOf = async (password: string): Promise<string> => {
    if (last?.password === password) return last.hash;
    const hash = await passwords.hash(password, '');
    last = { password, hash };
    return hash;
  };
  return {
    /**
     * People who never proved their addresses, all with one password and one hash of it: to compare each would take a processor an hour for
     * a hundred thousand. Whoever is there is left as they are. Answers how many were not.
     */
    async importUsers(
      password: string,
      people: readonly { userId: string; email: string; createdAtUs: bigint }[],
    ): Promise<number> {
      const passwordHash = await hashOf(password);
      const users = people.map((person) => ({ ...person, passwordHash }));
      return transaction(db, (tx) => insertUsers(tx, users), { bulk: true });
    },
  };
}
