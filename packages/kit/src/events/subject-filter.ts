import type { EventType } from '@andvari/proto/events';
import { assert } from '../base/errors.ts';
import { type SubjectToken, TOKEN, VARIABLE } from './event.ts';

/**
 * The subjects of an event: all of them, or those with the values that are given. `subjectFilter(executionReport, { type:
 * 'fill' })` is `exec.*.*.fill`.
 */
export function subjectFilter(
  { subject }: Pick<EventType<never>, 'subject'>,
  given: Readonly<Record<string, SubjectToken>> = {},
): string {
  const unknown = Object.keys(given).filter((name) => !subject.includes(`{${name}}`));
  assert(unknown.length === 0, `${subject} has no ${unknown.join(', ')}`);
  return subject.replaceAll(VARIABLE, (_, name: string) => {
    const token = `${given[name] ?? '*'}`;
    assert(token === '*' || TOKEN.test(token), `${JSON.stringify(token)} cannot be the {${name}} of ${subject}`);
    return token;
  });
}

/** What is told live and kept by nobody, of one symbol or of all. */
export const liveSubjects = {
  quote: (symbol = '*'): string => `md.quote.${symbol}`,
  book: (symbol = '*'): string => `md.book.${symbol}`,
  trade: (symbol = '*'): string => `md.trade.${symbol}`,
  /** Somebody watches what moves. */
  watched: (): string => 'md.watched',
} as const;
