import { apiKeys } from './api-keys.ts';
import type { Deps } from './deps.ts';
import { importing } from './importing.ts';
import { changingPasswords } from './passwords.ts';
import { reactions } from './reactions.ts';
import { registration } from './registration.ts';
import { resealing } from './reseal-factors.ts';
import { secondFactor } from './second-factor.ts';
import { endingSessions } from './sessions.ts';
import { signingIn } from './signing-in.ts';

export type App = ReturnType<typeof createApp>;

export function createApp(deps: Deps) {
  return {
    ...registration(deps),
    ...signingIn(deps),
    ...endingSessions(deps),
    ...changingPasswords(deps),
    ...secondFactor(deps),
    ...resealing(deps),
    ...apiKeys(deps),
    ...reactions(deps),
    ...importing(deps),
    jwks: () => deps.signingKeys.jwks(),
  };
}
