import { AppError } from '@andvari/kit/base/errors';
import { v7 as uuidv7 } from 'uuid';
import type { Client } from '../domain/client.ts';
import { mailRequestedEvent, userRegisteredEvent, userVerifiedEvent } from '../messages/events.ts';
import { newToken, tokenHash } from '../ports/secrets.ts';
import {
  countRegistrations,
  insertRegistration,
  lockRegistration,
  settleRegistrations,
} from '../store/registrations.ts';
import { findUserByEmail, insertUser } from '../store/users.ts';
import type { Deps } from './deps.ts';
import { requireFitPassword } from './new-password.ts';

const HOUR_US = 3_600_000_000n;
const LINK_US = 24n * HOUR_US;
/** Mails to one address in an hour; nobody's mailbox is filled from here. */
export const MAX_MAILS = 3;

export interface RegisterCommand {
  email: string;
  password: string;
  givenName: string;
  familyName: string;
  locale: string;
  client: Client;
}

export function registration({ commit, now, passwords, mailTokens }: Deps) {
  const sealedFor = (to: string, token: string) => ({
    sealed_token: mailTokens.seal(token, { to, template: 'verify_email' }),
  });
  return {
    /**
     * Answers nothing, whoever has the address: the mail does. For an address that is taken the same work is done, down
     * to a row that nobody will ever have the token of, so that the time tells nothing either.
     */
    async register({ password, client, ...person }: RegisterCommand): Promise<void> {
      requireFitPassword('password', password, person.email, [person.givenName, person.familyName]);
      const passwordHash = await passwords.hash(password, client.address);
      const { token, hash } = newToken();
      const attempt = { ...person, userId: uuidv7(), passwordHash };
      const atUs = now();
      await commit(async (tx, say) => {
        const mails = await countRegistrations(tx, person.email, atUs - HOUR_US);
        const owner = await findUserByEmail(tx, person.email);
        await insertRegistration(tx, attempt, { tokenHash: hash, atUs, expiresAtUs: atUs + LINK_US });
        if (mails >= MAX_MAILS) return;
        say(
          owner === undefined
            ? mailRequestedEvent(attempt.userId, person.email, 'verify_email', sealedFor(person.email, token))
            : mailRequestedEvent(owner.userId, person.email, 'address_taken', {}),
        );
      });
    },

    /** Opens the account. A second click on the same link finds it open, and tells nobody twice. */
    async verifyEmail(token: string): Promise<string> {
      const hash = tokenHash(token);
      if (hash === undefined) throw tokenInvalid();
      const atUs = now();
      return commit(async (tx, say) => {
        const attempt = await lockRegistration(tx, hash, atUs);
        if (attempt === undefined) throw tokenInvalid();
        if (attempt.verified) return attempt.userId;
        if (!(await insertUser(tx, attempt, atUs))) throw tokenInvalid();
        await settleRegistrations(tx, attempt.email, hash, atUs);
        say(userRegisteredEvent(attempt), userVerifiedEvent(attempt));
        return attempt.userId;
      });
    },
  };
}

/** One answer for a token that is wrong, spent or too old. */
export function tokenInvalid(): AppError {
  return new AppError('invalid_argument', 'the link is not valid any more', {
    reason: 'token_invalid',
    field: 'token',
  });
}
