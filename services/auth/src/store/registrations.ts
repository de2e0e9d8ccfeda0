import { dateFromUs } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';

/** An attempt to open an account, until somebody proves that the address is theirs. */
export interface Registration {
  readonly userId: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly locale: string;
}

export async function insertRegistration(
  tx: Tx,
  registration: Registration,
  { tokenHash, atUs, expiresAtUs }: { tokenHash: Buffer; atUs: bigint; expiresAtUs: bigint },
): Promise<void> {
  const { userId, email, passwordHash, givenName, familyName, locale } = registration;
  await tx`
    insert into registrations (token_hash, user_id, email, password_hash, given_name, family_name, locale, created_at, expires_at)
    values (${tokenHash}, ${userId}, ${email}, ${passwordHash}, ${givenName}, ${familyName}, ${locale},
      ${dateFromUs(atUs)}, ${dateFromUs(expiresAtUs)})`;
}

/** The hash of the newest attempt that still waits for its proof, whoever made it. */
export async function findWaitingHash(db: Db, email: string, atUs: bigint): Promise<string | undefined> {
  const [row] = await db<{ password_hash: string }[]>`
    select password_hash from registrations
    where email = ${email} and verified_at is null and expires_at > ${dateFromUs(atUs)}
    order by created_at desc limit 1`;
  return row?.password_hash;
}

export async function countRegistrations(db: Db | Tx, email: string, sinceUs: bigint): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from registrations where email = ${email} and created_at > ${dateFromUs(sinceUs)}`;
  return row?.count ?? 0;
}

/**
 * The attempt that a token belongs to. All attempts for its address are locked until the transaction ends, so that two
 * links opened at once come one after the other; `verified` says that this one was opened before.
 */
export async function lockRegistration(
  tx: Tx,
  tokenHash: Buffer,
  atUs: bigint,
): Promise<(Registration & { verified: boolean }) | undefined> {
  const rows = await tx<RegistrationRow[]>`
    select token_hash = ${tokenHash} as asked, user_id, email, password_hash, given_name, family_name, locale,
      verified_at is not null as verified
    from registrations
    where email = (
      select email from registrations where token_hash = ${tokenHash} and expires_at > ${dateFromUs(atUs)}
    )
    order by token_hash for update`;
  const row = rows.find(({ asked }) => asked);
  return row && { ...fromRow(row), verified: row.verified };
}

/** The attempt has become an account; the others for the same address lead nowhere any more. */
export async function settleRegistrations(tx: Tx, email: string, tokenHash: Buffer, atUs: bigint): Promise<void> {
  await tx`
    update registrations set verified_at = ${dateFromUs(atUs)}, password_hash = '' where token_hash = ${tokenHash}`;
  await tx`delete from registrations where email = ${email} and token_hash <> ${tokenHash}`;
}

export async function deleteRegistrations(tx: Tx, email: string): Promise<void> {
  await tx`delete from registrations where email = ${email}`;
}

interface RegistrationRow {
  asked: boolean;
  user_id: string;
  email: string;
  password_hash: string;
  given_name: string;
  family_name: string;
  locale: string;
  verified: boolean;
}

function fromRow(row: RegistrationRow): Registration {
  return {
    userId: row.user_id,
    email: row.email,
    passwordHash: row.password_hash,
    givenName: row.given_name,
    familyName: row.family_name,
    locale: row.locale,
  };
}
