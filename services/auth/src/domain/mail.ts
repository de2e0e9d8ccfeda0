export type Template = 'verify_email' | 'reset_password' | 'address_taken';

export interface Mail {
  readonly subject: string;
  readonly body: string;
}

/** A mail as the development mailbox shows it. What people get by email is written where email is sent. */
export function mailOf(template: string, token: string, publicUrl: string): Mail {
  const write = mails[template as Template] ?? (() => ({ subject: template, body: '' }));
  return write(token, publicUrl);
}

const mails: Record<Template, (token: string, publicUrl: string) => Mail> = {
  verify_email: (token, publicUrl) => ({
    subject: 'Confirm your email address',
    body: `Open ${publicUrl}/verify?token=${token} to open your account. The link works for one day.`,
  }),
  reset_password: (token, publicUrl) => ({
    subject: 'Choose a new password',
    body: `Open ${publicUrl}/reset?token=${token} to choose a new password. The link works once, within 30 minutes.`,
  }),
  address_taken: (_, publicUrl) => ({
    subject: 'You have an account already',
    body: `Somebody asked for an account with your address. You have one: ${publicUrl}/sign-in. If it was not you, do nothing.`,
  }),
};
