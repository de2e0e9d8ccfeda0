import { invalid } from '@andvari/kit/base/errors';
import { normalisePassword, passwordProblem } from '../domain/password-policy.ts';
import { isSoonGuessed } from '../ports/password-guesses.ts';

/** One to choose. Signing in with an old one is not held against these rules. */
export function requireFitPassword(
  field: string,
  password: string,
  email: string,
  names: readonly string[] = [],
): void {
  const problem = passwordProblem(password, email) ?? guessable(password, email, names);
  if (problem !== undefined) throw invalid(field, problem, 'password_unfit');
}

function guessable(password: string, email: string, names: readonly string[]): string | undefined {
  const about = [email, ...email.split(/[@.]/), ...names].filter((part) => part.length > 2);
  return isSoonGuessed(normalisePassword(password), about) ? 'is one of the first that anybody would try' : undefined;
}
