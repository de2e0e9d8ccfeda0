import { transaction } from '@andvari/kit/db/db';
import { insertUsers } from '../store/users.ts';
import type { Deps } from './deps.ts';

export function importing({ db, passwords }: Pick<Deps, 'db' | 'passwords'>) {
  return {
    /**
     * People who never proved their addresses, all with one password and one hash of it: to compare each would take a processor an hour for
     * a hundred thousand. Whoever is there is left as they are. Answers how many were not.
     */
    async importUsers(
      password: string,
      people: readonly { userId: string; email: string; createdAtUs: bigint }[],
    ): Promise<number> {
      const passwordHash = await passwords.hash(password, '');
      return transaction(db, (tx) =>
        insertUsers(
          tx,
          people.map((person) => ({ ...person, passwordHash })),
        ),
      );
    },
  };
}
