export const PASSWORD_MIN = 10;
export const PASSWORD_MAX = 128;

/** What is hashed: the same password typed on another keyboard may arrive as other code points. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Why a password may not be chosen, or undefined. Signing in with an old one is not held against these rules. */
export function passwordProblem(password: string, email: string): string | undefined {
  const { length } = Array.from(password);
  if (length < PASSWORD_MIN) return `should have at least ${PASSWORD_MIN} characters`;
  if (length > PASSWORD_MAX) return `should have at most ${PASSWORD_MAX} characters`;
  const plain = normalisePassword(password).toLowerCase();
  if (plain === email || plain === email.split('@')[0]) return 'should not be the email address';
  if (new Set(plain).size < 4) return 'should not repeat so few characters';
  if (isRun(plain) || common.has(withoutTail(plain))) return 'is one of the first that anybody would try';
  return undefined;
}

const rows = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb',
];

/** A row of the keyboard, the alphabet or the digits, forwards or backwards. */
function isRun(text: string): boolean {
  return rows.some((row) => row.includes(text) || backwards(row).includes(text));
}

function backwards(text: string): string {
  return text.split('').toReversed().join('');
}

/** `password2024!` and `Password123` are `password`. */
function withoutTail(text: string): string {
  return text.replace(/[\d\W_]+$/u, '');
}

const common = new Set(
  `password passw0rd p@ssword p@ssw0rd mypassword thepassword passwordpassword changeme letmein letmeinplease welcome
  welcomeback iloveyou iloveyousomuch ilovemyself trustno sunshine princess football baseball basketball superman batman
  starwars computer internet whatever qwerty qwertyuiop qwertyqwerty asdfghjkl zxcvbnm administrator adminadmin admin
  rootroot testtest testtesttest secretsecret secret supersecret monkeymonkey dragondragon mustang michael jennifer
  andvari trading bitcoin cryptocurrency correcthorsebatterystaple`.split(/\s+/),
);
