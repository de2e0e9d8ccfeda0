/** What a user can be told of. */
export const notificationKinds = [
  'order.filled',
  'order.rejected',
  'deposit.settled',
  'auth.login.new_device',
  'auth.factor.enabled',
  'auth.factor.disabled',
  'auth.factor.guessed',
  'auth.factor.recovery_used',
  'auth.factor.recovery_renewed',
  'auth.password.changed',
  'auth.api_key.created',
  'onboarding.verified',
  'onboarding.approved',
  'onboarding.rejected',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** The words that the template of a kind may use. */
export const placeholders: Record<NotificationKind, readonly string[]> = {
  'order.filled': ['side', 'qty', 'symbol', 'price'],
  'order.rejected': ['side', 'symbol', 'reason'],
  'deposit.settled': ['amount', 'currency'],
  'auth.login.new_device': ['address', 'device'],
  'auth.factor.enabled': [],
  'auth.factor.disabled': ['who'],
  'auth.factor.guessed': ['where'],
  'auth.factor.recovery_used': ['left'],
  'auth.factor.recovery_renewed': [],
  'auth.password.changed': ['how'],
  'auth.api_key.created': ['scopes'],
  'onboarding.verified': [],
  'onboarding.approved': [],
  'onboarding.rejected': ['reason'],
};

/**
 * What guards the account: whoever gets hold of a session or a key may not silence it, so nobody can. All that the credentials tell of,
 * so that a new kind is among them.
 */
export function isSecurityNotice(kind: string): boolean {
  return kind.startsWith('auth.');
}

/** Something happened that a user may want to know. */
export interface Notice {
  readonly userId: string;
  readonly kind: NotificationKind;
  readonly values: Readonly<Record<string, string>>;
  readonly subjectRef: string;
}

export interface Notification {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly title: string;
  readonly body: string;
  readonly subjectRef: string;
  readonly createdAtUs: bigint;
  readonly readAtUs: bigint | undefined;
}

export interface Template {
  readonly title: string;
  readonly body: string;
}

export function isNotificationKind(text: string): text is NotificationKind {
  return (notificationKinds as readonly string[]).includes(text);
}

export function render(template: Template, values: Readonly<Record<string, string>>): Template {
  const fill = (text: string) => text.replaceAll(PLACEHOLDER, (_, name: string) => values[name] ?? '');
  return { title: fill(template.title), body: fill(template.body) };
}

/** The first line is the title, the rest the body. What it asks for and nobody fills in is found here, before anybody reads it. */
export function parseTemplate(kind: NotificationKind, text: string): Template {
  const [title = '', ...rest] = text.trim().split('\n');
  const body = rest.join('\n').trim();
  const unknown = [...text.matchAll(PLACEHOLDER)]
    .map((match) => match[1] ?? '')
    .filter((name) => !placeholders[kind].includes(name));
  if (title === '' || body === '') throw new Error(`the template of ${kind} needs a title and a body`);
  if (unknown.length > 0)
    throw new Error(`the template of ${kind} uses {${unknown.join('}, {')}}, which nobody fills in`);
  return { title, body };
}

const PLACEHOLDER = /\{(\w+)\}/g;
