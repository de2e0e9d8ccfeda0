/** The currencies that accounts are kept in, instruments are priced in, and rates are known for. */
export const CURRENCIES = ['USD', 'CAD', 'EUR', 'GBP'] as const;

export type Currency = (typeof CURRENCIES)[number];

export function isCurrency(code: string): code is Currency {
  return CODES.has(code);
}

const CODES: ReadonlySet<string> = new Set(CURRENCIES);
