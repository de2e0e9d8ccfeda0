import type { Db } from '@andvari/kit/db/types';
import type { Append, Commit } from '@andvari/kit/outbox/commit';
import type { Policy } from '../domain/policy.ts';
import type { AuthMetrics } from '../metrics.ts';
import type { MailTokens } from '../ports/mail-tokens.ts';
import type { Passwords } from '../ports/passwords.ts';
import type { Sealer } from '../ports/sealed.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What every use case is given. */
export interface Deps {
  db: Db;
  /** A transaction of one's own, with the news of it. */
  commit: Commit;
  /** For a change inside the transaction of a consumer. */
  append: Append;
  /** Microseconds since the epoch. */
  now: () => bigint;
  passwords: Passwords;
  signingKeys: SigningKeys;
  mailTokens: MailTokens;
  /** Seals the secrets of second factors. */
  factorSealer: Sealer;
  /** Where the links of mails lead. */
  publicUrl: string;
  policy: Policy;
  metrics: AuthMetrics;
}
