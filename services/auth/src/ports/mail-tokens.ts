import type { Template } from '../domain/mail.ts';
import { sealer } from './sealed.ts';

/** What a mail's token is on its way through outbox and stream: nothing to anybody but the mailer. */
export interface MailTokens {
  seal(token: string, mail: { to: string; template: Template }): string;
  /** Undefined for what was not sealed for this very mail. */
  open(sealed: string, mail: { to: string; template: string }): string | undefined;
}

export function mailTokens(mailKey: string): MailTokens {
  const sealing = sealer([mailKey], 'mail');
  return {
    seal: (token, mail) => sealing.seal(Buffer.from(token), labelOf(mail)).toString('base64url'),
    open: (sealed, mail) => sealing.open(Buffer.from(sealed, 'base64url'), labelOf(mail))?.toString(),
  };
}

/** A token put into another mail, or under another address, does not open. */
function labelOf({ to, template }: { to: string; template: string }): string {
  return JSON.stringify([template, to]);
}
