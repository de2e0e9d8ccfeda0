import { currentLocale } from './number.ts';

/** The country of a two-letter code in one's own language; undefined where there is none. */
export function countryName(code: string): string | undefined {
  const region = code.trim().toUpperCase();
  // ZZ stands for a country that nobody knows.
  if (!/^[A-Z]{2}$/.test(region) || region === 'ZZ') return undefined;
  return new Intl.DisplayNames(currentLocale(), { type: 'region', fallback: 'none' }).of(region);
}
