import { isAny, on, type Queries, statement, unnested } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import type { Page } from '@andvari/kit/handler/page';
import { and, desc, eq, getColumns, lt, or, sql } from 'drizzle-orm';
import type { Onboarding, Profile } from '../domain/profile.ts';
import { deletions, personalData, profiles } from './schema.ts';

const all = (db: Queries) =>
  db
    .select({ ...getColumns(personalData), ...getColumns(profiles) })
    .from(profiles)
    .innerJoin(personalData, eq(personalData.userId, profiles.userId));

const find = statement({ userIds: [profiles.userId] }, (db, { userIds }) =>
  all(db).where(isAny(profiles.userId, userIds)),
);

export async function findProfiles(db: Db | Tx, userIds: readonly string[]): Promise<Profile[]> {
  return (await find(db, { userIds })).map(fromRow);
}

/** The newest first; one more than asked for tells whether there is another page. */
export async function searchProfiles(db: Db, text: string, { first, after }: Page): Promise<Profile[]> {
  const prefix = `${text.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const { email, givenName, familyName } = personalData;
  const found = await all(on(db))
    .where(
      and(
        or(...[email, givenName, familyName].map((column) => sql`lower(${column}) like ${prefix}`)),
        after === undefined ? undefined : lt(profiles.userId, String(after[0])),
      ),
    )
    .orderBy(desc(profiles.userId))
    .limit(first + 1);
  return found.map(fromRow);
}

const lock = statement({ userId: profiles.userId }, (db, { userId }) =>
  all(db).where(eq(profiles.userId, userId)).for('update', { of: profiles }),
);

/** Locked until the transaction ends, so that two changes come one after the other. */
export async function lockProfile(tx: Tx, userId: string): Promise<Profile | undefined> {
  const [row] = await lock(tx, { userId });
  return row && fromRow(row);
}

const insert = statement({ made: profiles }, (db, { made }) => {
  const ended = db.select({ userId: deletions.userId }).from(deletions).where(eq(deletions.state, 'completed'));
  return db
    .insert(profiles)
    .select(unnested(profiles, made, sql`where new.user_id not in ${ended}`))
    .onConflictDoNothing();
});
const insertPersonal = statement({ made: personalData }, (db, { made }) =>
  db
    .insert(personalData)
    .select(unnested(personalData, made, sql`join ${profiles} using (user_id)`))
    .onConflictDoNothing(),
);

/** Those that exist already are left alone, and those whose account has ended do not come back. Answers how many were inserted. */
export async function insertProfiles(tx: Tx, made: readonly Profile[]): Promise<number> {
  const { count } = await insert(tx, { made: made.map(toRow) });
  await insertPersonal(tx, { made });
  return count;
}

const update = statement(getColumns(profiles), (db, { userId, ...row }) =>
  db.update(profiles).set(row).where(eq(profiles.userId, userId)),
);
const updatePersonal = statement(getColumns(personalData), (db, { userId, ...row }) =>
  db.update(personalData).set(row).where(eq(personalData.userId, userId)),
);

export async function updateProfile(tx: Tx, profile: Profile): Promise<void> {
  await update(tx, toRow(profile));
  await updatePersonal(tx, profile);
}

type Row = Omit<Profile, 'onboarding'> & { onboardingState: Onboarding['state']; onboardingReason: string };

function fromRow({ onboardingState: state, onboardingReason: reason, ...row }: Row): Profile {
  return { ...row, onboarding: state === 'rejected' ? { state, reason } : { state } };
}

function toRow({ onboarding, ...profile }: Profile): Row {
  const onboardingReason = onboarding.state === 'rejected' ? onboarding.reason : '';
  return { ...profile, onboardingState: onboarding.state, onboardingReason };
}
