import { describe, expect, test } from 'vitest';
import { keys } from '../../src/app/keys.ts';
import { matching, pagesMatching } from '../../src/app/palette-items.ts';

const labels = (found: readonly { label: string }[]): string[] => found.map(({ label }) => label);

describe('commands and pages of the palette', () => {
  test('all of them where nothing is typed, commands first, each once', () => {
    const found = matching('', keys);
    const pages = found.map(({ act }) => act?.kind === 'go');
    expect(pages.lastIndexOf(false)).toBe(pages.indexOf(true) - 1);
    expect(new Set(labels(found)).size).toBe(found.length);
    expect(pagesMatching('', ['ledger:verify'])).toEqual([]);
  });

  test.each([
    ['tic', ['Ticket to buy', 'Ticket to sell']],
    ['ticket to s', ['Ticket to sell']],
    ['ORD', ['Orders']],
    ['nothing like it', []],
  ])('%s', (text, found) => expect(labels(matching(text, keys))).toEqual(found));

  test.each([
    ['pref', [], ['Preferences']],
    ['api keys', [], ['API keys']],
    ['settings', [], ['Profile', 'Security', 'API keys', 'Preferences']],
    ['dead', [], []],
    ['dead', ['ledger:verify'], ['Dead letters']],
    ['admin', ['ledger:verify', 'audit:read'], ['Dead letters', 'Audit trail']],
  ])('%s with the rights %j', (text, permissions, found) => {
    expect(labels(pagesMatching(text, permissions))).toEqual(found);
  });
});
