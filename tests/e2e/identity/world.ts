import { afterAll, beforeAll } from 'vitest';
import { type People, peopleOf } from '../people.ts';
import { identityServices, type System, startSystem } from '../system.ts';

/** Who users are and what they may do, as it runs, for the tests of a file. */
export interface IdentityWorld {
  readonly system: System;
  readonly people: People;
}

export function useIdentity(): IdentityWorld {
  let open: IdentityWorld | undefined;
  beforeAll(async () => {
    const system = await startSystem(identityServices);
    open = { system, people: peopleOf(system) };
  });
  afterAll(() => open?.system.close());
  const opened = (): IdentityWorld => {
    if (open === undefined) throw new Error('the services start before the first test');
    return open;
  };
  return {
    get system() {
      return opened().system;
    },
    get people() {
      return opened().people;
    },
  };
}
