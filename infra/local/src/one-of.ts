/** A setting of few words, or what it can be. */
export function oneOf<T extends string>(name: string, value: string | undefined, allowed: T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = allowed.find((known) => known === value);
  if (found === undefined) throw new Error(`${name} is "${value}"; it can be ${allowed.join(', ')}.`);
  return found;
}
