import { on } from '@andvari/kit/db/tables';
import type { Db, Tx } from '@andvari/kit/db/types';
import { desc, eq } from 'drizzle-orm';
import { developmentMails } from './schema.ts';

export type DevelopmentMail = Readonly<typeof developmentMails.$inferSelect>;

export async function insertDevelopmentMail(tx: Tx, mail: DevelopmentMail): Promise<void> {
  await on(tx).insert(developmentMails).values(mail).onConflictDoNothing();
}

/** Newest first; to anybody where `to` is empty. */
export async function listDevelopmentMails(db: Db, to: string, limit: number): Promise<DevelopmentMail[]> {
  return on(db)
    .select()
    .from(developmentMails)
    .where(to === '' ? undefined : eq(developmentMails.to, to))
    .orderBy(desc(developmentMails.id))
    .limit(limit);
}

export async function deleteDevelopmentMails(tx: Tx, to: string): Promise<void> {
  await on(tx).delete(developmentMails).where(eq(developmentMails.to, to));
}
