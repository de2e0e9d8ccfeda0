export type Template = 'verify_email' | 'reset_password' | 'address_taken';

export interface Letter {
  readonly subject: string;
  readonly body: string;
}

/** A letter as the development mailbox shows it. What people get by email is written where email is sent. */
export function letterOf(template: string, values: Readonly<Record<string, string>>, publicUrl: string): Letter {
  const write = letters[template as Template] ?? (() => ({ subject: template, body: '' }));
  return write(values['token'] ?? '', publicUrl);
}

const letters: Record<Template, (token: string, publicUrl: string) => Letter> = {
  verify_email: (token, publicUrl) => ({
    subject: 'Confirm your email address',
    body: `Open ${publicUrl}/verify-email?token=${token} to open your account. The link works for one day.`,
  }),
  reset_password: (token, publicUrl) => ({
    subject: 'Choose a new password',
    body: `Open ${publicUrl}/reset-password?token=${token} to choose a new password. The link works once, within 30 minutes.`,
  }),
  address_taken: (_, publicUrl) => ({
    subject: 'You have an account already',
    body: `Somebody asked for an account with your address. You have one: ${publicUrl}/login. If it was not you, do nothing.`,
  }),
};
