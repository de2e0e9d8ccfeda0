/** What a person calls a device: "Chrome on Linux". A program is called by the name that it goes by. */
export function deviceWords(userAgent: string): string {
  const system = nameIn(userAgent, systems);
  const program =
    nameIn(userAgent, browsers) ?? /^[\w.+-]+/.exec(userAgent)?.[0].slice(0, MAX_NAME) ?? 'an unknown device';
  return system === undefined ? program : `${program} on ${system}`;
}

const MAX_NAME = 40;

/** The more special first: an Edge says that it is a Chrome, and everybody that they are Safari. */
const browsers = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const systems = [
  ['Windows', 'Windows'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Mac OS', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const;

function nameIn(userAgent: string, names: readonly (readonly [sign: string, name: string])[]): string | undefined {
  return names.find(([sign]) => userAgent.includes(sign))?.[1];
}
