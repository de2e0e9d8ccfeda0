/** The currencies that accounts are kept in, instruments are priced in, and rates are known for. */
export const CURRENCIES = ['USD', 'CAD', 'EUR', 'GBP'] as const;
