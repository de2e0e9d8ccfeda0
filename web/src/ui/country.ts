import { currentLocale } from './number.ts';

/** The country of a two-letter code in one's own language; undefined where there is none. */
export function countryName(code: string): string | undefined {
  const region = code.trim().toUpperCase();
  // ZZ stands for a country that nobody knows.
  if (!/^[A-Z]{2}$/.test(region) || region === 'ZZ') return undefined;
  return new Intl.DisplayNames(currentLocale(), { type: 'region', fallback: 'none' }).of(region);
}

// Regions that are not countries, and old or second codes of those that are: one country, one line.
const notCountries = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'XK']);

/** Every country with its code, by its name in one's own language. */
export function countries(): (readonly [code: string, name: string])[] {
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  const { compare } = new Intl.Collator(currentLocale());
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .flatMap((code) => {
      const name = countryName(code);
      const isCurrent = new Intl.Locale(`und-${code}`).region === code;
      return name === undefined || !isCurrent || notCountries.has(code) ? [] : [[code, name] as const];
    })
    .toSorted(([, left], [, right]) => compare(left, right));
}
