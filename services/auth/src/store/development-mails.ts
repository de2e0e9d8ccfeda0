import { dateFromUs, usFromDate } from '@andvari/kit/base/clock';
import type { Db, Tx } from '@andvari/kit/db/types';

export interface DevelopmentMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly createdAtUs: bigint;
}

export async function insertDevelopmentMail(tx: Tx, mail: DevelopmentMail): Promise<void> {
  await tx`
    insert into development_mails (id, to_email, subject, body, created_at)
    values (${mail.id}, ${mail.to}, ${mail.subject}, ${mail.body}, ${dateFromUs(mail.createdAtUs)})
    on conflict do nothing`;
}

/** Newest first; to anybody where `to` is empty. */
export async function listDevelopmentMails(db: Db, to: string, limit: number): Promise<DevelopmentMail[]> {
  const rows = await db<{ id: string; to_email: string; subject: string; body: string; created_at: Date }[]>`
    select id, to_email, subject, body, created_at from development_mails
    ${to === '' ? db`` : db`where to_email = ${to}`}
    order by id desc limit ${limit}`;
  return rows.map((row) => ({
    id: row.id,
    to: row.to_email,
    subject: row.subject,
    body: row.body,
    createdAtUs: usFromDate(row.created_at),
  }));
}

export async function deleteDevelopmentMails(tx: Tx, to: string): Promise<void> {
  await tx`delete from development_mails where to_email = ${to}`;
}
