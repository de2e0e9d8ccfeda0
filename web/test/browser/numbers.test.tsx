import { afterEach, describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { shownAs } from '../../src/features/instrument/draft.ts';
import { Amount } from '../../src/ui/amount.tsx';
import { Field } from '../../src/ui/field.tsx';
import { exactMoney, money, price, quantity, setLocale, signedMoney, typed, understood } from '../../src/ui/number.ts';

/** Numbers as they stand in the page: Intl of a real browser, and the text of a real node. */
afterEach(() => setLocale('en-US'));

describe('amounts are exact to the last figure in the page', () => {
  test.each([
    ['en-US', () => money('123456789012345.67', 'USD'), '$123,456,789,012,345.67'],
    ['en-US', () => exactMoney('9223372036854.775807', 'USD'), '$9,223,372,036,854.775807'],
    ['en-US', () => quantity('9007199254740.993'), '9,007,199,254,740.993'],
    ['en-US', () => signedMoney('-123456789012345.67', 'USD'), '-$123,456,789,012,345.67'],
    ['de-DE', () => money('123456789012345.67', 'EUR'), '123.456.789.012.345,67\u00a0€'],
    ['de-CH', () => quantity('1234567.891234'), "1'234'567.891234"],
    ['en-US', () => price('0.1234', '0.0001'), '0.1234'],
    ['ja-JP', () => money('123456789012345', 'JPY'), '￥123,456,789,012,345'],
  ])('%s', async (locale, shown, expected) => {
    setLocale(locale);
    const screen = await render(<Amount>{shown()}</Amount>);
    expect(screen.container.textContent.replaceAll('’', "'")).toBe(expected);
  });
});

describe('what somebody types is read in their own notation', () => {
  test.each([
    ['de-DE', '1.234,5', '1234.5'],
    ['de-DE', '0,000001', '0.000001'],
    ['de-CH', '1’234.5', '1234.5'],
    ['fr-FR', '1 234,5', '1234.5'],
    ['en-US', '1,234.5', '1234.5'],
    ['en-US', '123456789012345.678901', undefined],
    ['en-US', '9223372036854.775807', '9223372036854.775807'],
    ['de-DE', '1,234.5', undefined],
    ['en-US', '12e3', undefined],
    ['en-US', '-5', undefined],
  ])('%s: %s', (locale, text, expected) => {
    setLocale(locale);
    const found = understood(text);
    expect(found.ok ? found.value : undefined).toBe(expected);
    if (expected !== undefined) expect(understood(typed(expected))).toEqual({ ok: true, value: expected });
  });
});

test('a field says how it understood a text that can be read in two ways, and is tied to its refusal', async () => {
  setLocale('de-DE');
  const screen = await render(
    <Field label="Menge" defaultValue="1.234,5" hint={shownAs('1.234,5')} problem={undefined} />,
  );
  const input = screen.getByRole('textbox', { name: 'Menge' });
  await expect.element(input).toHaveAccessibleDescription('Understood as 1.234,5');
  await screen.rerender(<Field label="Menge" defaultValue="1.234,5" problem="Whole shares only." />);
  await expect.element(input).toHaveAccessibleDescription('Whole shares only.');
  await expect.element(input).toBeInvalid();
});
