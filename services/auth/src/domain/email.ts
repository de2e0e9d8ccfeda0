const MAX_LENGTH = 254;
// Deliberately loose: whether an address exists is found out by writing to it.
const EMAIL = /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cs}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}\p{Cs}]+\.[^\s@.\p{Cc}\p{Cs}]{2,}$/u;

/** The one spelling under which an address is stored, compared and locked out; undefined where it is none. */
export function normaliseEmail(text: string): string | undefined {
  if (text.length > 4 * MAX_LENGTH) return undefined;
  const email = text.normalize('NFC').trim().toLowerCase();
  return email.length <= MAX_LENGTH && EMAIL.test(email) ? email : undefined;
}
