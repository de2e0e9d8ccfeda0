import { apiKeys } from './app/api-keys.ts';
import { following } from './app/following.ts';
import type { Neighbours } from './app/neighbours.ts';
import { changingPasswords } from './app/passwords.ts';
import { registration } from './app/registration.ts';
import { endingSessions } from './app/sessions.ts';
import { signingIn } from './app/signing-in.ts';

export type App = ReturnType<typeof createApp>;

export function createApp(neighbours: Neighbours) {
  return {
    ...registration(neighbours),
    ...signingIn(neighbours),
    ...endingSessions(neighbours),
    ...changingPasswords(neighbours),
    ...apiKeys(neighbours),
    ...following(neighbours),
    jwks: () => neighbours.signingKeys.jwks(),
  };
}
