import { statement } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { eq, getColumns } from 'drizzle-orm';
import type { Preferences } from '../domain/preferences.ts';
import { preferences } from './schema.ts';

const find = statement({ userId: preferences.userId }, (db, { userId }) =>
  db.select().from(preferences).where(eq(preferences.userId, userId)),
);

export async function findPreferences(db: Db | Tx, userId: string): Promise<Preferences | undefined> {
  const [row] = await find(db, { userId });
  return row;
}

const save = statement(getColumns(preferences), (db, { userId, ...row }) =>
  db
    .insert(preferences)
    .values({ userId, ...row })
    .onConflictDoUpdate({ target: preferences.userId, set: row }),
);

export async function savePreferences(tx: Tx, changed: Preferences): Promise<void> {
  await save(tx, changed);
}
