import { builder } from './builder.ts';

/**
 * A closed set of words that the contracts carry as text, as an enum: `auth.login.new_device` is `AUTH_LOGIN_NEW_DEVICE` here. A word
 * that a newer service speaks is `UNKNOWN`. `word-enums.test.ts` holds each set against the service that it belongs to.
 */
export function wordEnum(name: string, description: string, words: Readonly<Record<string, string>>) {
  const named = Object.entries(words).map(
    ([word, text]) => [nameOf(word), { value: word, description: text }] as const,
  );
  const values: Record<string, { value: string; description: string }> = {
    ...Object.fromEntries(named),
    UNKNOWN: { value: UNKNOWN, description: 'Newer than this gateway; as an input it is refused.' },
  };
  const type = builder.enumType(name, { description, values });
  const from = (word: string): string => (word in words ? word : UNKNOWN);
  /** Empty on the wire means that there is none. */
  return { type, from, orNull: (word: string): string | null => (word === '' ? null : from(word)) };
}

/** `placeOrder` and `order.filled` are `PLACE_ORDER` and `ORDER_FILLED`. */
function nameOf(word: string): string {
  return word
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .replaceAll('.', '_')
    .toUpperCase();
}

const UNKNOWN = '';
