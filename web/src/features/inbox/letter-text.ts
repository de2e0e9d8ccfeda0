import { CURRENCIES } from '@andvari/money/currency';
import { money } from '../../ui/number.ts';

/** Letters are written once and read in any notation: "5000.5 USD" is shown as amounts are elsewhere. */
export const letterText = (body: string): string =>
  body.replaceAll(AMOUNT, (_, value: string, currency: string) => money(value, currency));

const AMOUNT = new RegExp(String.raw`(?<![\w.,])(\d+(?:\.\d+)?) (${CURRENCIES.join('|')})\b`, 'g');
