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
  return undefined;
}
