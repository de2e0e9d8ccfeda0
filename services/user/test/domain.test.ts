import { describe, expect, test } from 'vitest';
import {
  afterEvent,
  type Deletion,
  type DeletionEvent,
  isReadyToComplete,
  nextStepAtUs,
} from '../src/domain/deletion.ts';
import { notificationKinds, parseTemplate, placeholders, render } from '../src/domain/notification.ts';
import { decideOnboarding } from '../src/domain/onboarding.ts';
import { changePreferences, defaultPreferences, type PreferencesChange } from '../src/domain/preferences.ts';
import type { Onboarding } from '../src/domain/profile.ts';
import { changeWatchlist, inOrder, newWatchlist, type Watchlist } from '../src/domain/watchlist.ts';
import { readTemplates } from '../src/ports/templates.ts';

describe('onboarding', () => {
  const verified: Onboarding = { state: 'verified' };
  const approved: Onboarding = { state: 'approved' };
  const rejected: Onboarding = { state: 'rejected', reason: 'blurred' };
  const fresh: Onboarding = { state: 'new' };
  test.each<[rule: string, from: Onboarding, verdict: Onboarding | undefined, byThemselves: boolean, answer: string]>([
    ['a confirmed address verifies', fresh, undefined, false, 'verified'],
    ['confirmed again changes nothing', approved, undefined, false, 'unchanged'],
    ['a review neither renews nor verifies', verified, verified, true, 'no_verdict'],
    ['a rejection needs a reason', verified, { state: 'rejected', reason: ' ' }, true, 'reason_missing'],
    ['nobody reviews themselves', verified, approved, true, 'self_review'],
    ['first the address, then the review', fresh, approved, false, 'not_verified'],
    ['the same verdict changes nothing', rejected, rejected, false, 'unchanged'],
    ['an approval is not a rejection that is there', approved, { state: 'rejected', reason: 'x' }, false, 'rejected'],
    ['another reason is another verdict', rejected, { state: 'rejected', reason: 'expired' }, false, 'rejected'],
    ['a verified user is approved', verified, approved, false, 'approved'],
    ['a verified user is rejected', verified, rejected, false, 'rejected'],
    ['an approval may be taken back', approved, rejected, false, 'rejected'],
    ['a rejection may be taken back', rejected, approved, false, 'approved'],
  ])('%s', (_, from, verdict, byThemselves, answer) => {
    const step =
      verdict === undefined ? ({ type: 'verified' } as const) : ({ type: 'reviewed', verdict, byThemselves } as const);
    const decision = decideOnboarding(from, step);
    const told =
      decision.type === 'refused'
        ? decision.reason
        : decision.type === 'changed'
          ? decision.onboarding.state
          : decision.type;
    expect(told).toBe(answer);
  });
});

const list = (id: string, name: string, symbols: string[] = []): Watchlist => ({
  id,
  userId: 'u',
  name,
  symbols,
  version: 3n,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => `S${index}`);

describe('a watchlist', () => {
  const tech = list('1', 'Tech', ['AAPL', 'MSFT']);
  test.each<[rule: string, name: string, symbols: string[], others: Watchlist[], answer: string]>([
    ['the fifty-first is refused', 'x', [], many(50).map((name) => list(name, name)), 'too_many_watchlists'],
    ['a name is wanted', '', [], [], 'name_invalid'],
    ['without spaces around it', ' x', [], [], 'name_invalid'],
    ['of at most 60 characters', 'x'.repeat(61), [], [], 'name_invalid'],
    ['60 characters fit', 'x'.repeat(60), [], [], 'taken'],
    ['60 that JavaScript counts twice fit', '🦉'.repeat(60), [], [], 'taken'],
    ['61 of them do not', '🦉'.repeat(61), [], [], 'name_invalid'],
    ['a name is one line', 'x\ny', [], [], 'name_invalid'],
    ['200 symbols fit', 'x', many(200), [], 'taken'],
    ['201 do not', 'x', many(201), [], 'too_many_symbols'],
    ['a symbol looks like one', 'x', ['aapl'], [], 'symbol_invalid'],
    ['from its beginning', 'x', ['aAAPL'], [], 'symbol_invalid'],
    ['to its end', 'x', ['AAPLa'], [], 'symbol_invalid'],
    ['of at most 20 characters', 'x', ['A'.repeat(21)], [], 'symbol_invalid'],
    ['and is named once', 'x', ['AAPL', 'AAPL'], [], 'symbol_repeated'],
    ['a name is taken in whatever case', 'TECH', [], [tech], 'name_taken'],
    ['dots and dashes are fine', 'x', ['BRK.B', 'BTC-USD'], [tech], 'taken'],
  ])('%s', (_, name, symbols, others, answer) => {
    const made = newWatchlist({ id: '2', userId: 'u', name, symbols }, others);
    expect(made).toEqual(
      answer === 'taken' ? { id: '2', userId: 'u', name, symbols, version: 1n } : { refused: answer },
    );
  });

  test('changes from the version it was read at, or not at all', () => {
    expect(changeWatchlist(tech, { name: 'x' }, [], 2n)).toEqual({ refused: 'version_conflict' });
    expect(changeWatchlist(tech, { name: 'x' }, [], 3n)).toMatchObject({
      name: 'x',
      symbols: tech.symbols,
      version: 4n,
    });
    expect(changeWatchlist(tech, { symbols: ['MSFT', 'AAPL'] }, [], undefined)).toMatchObject({ version: 4n });
    expect(changeWatchlist(tech, { name: 'Tech' }, [], 3n)).toBe(tech);
    expect(changeWatchlist(tech, { symbols: ['aapl'] }, [], 3n)).toEqual({ refused: 'symbol_invalid' });
  });

  test.each([
    [['2', '1'], true],
    [['1'], false],
    [['1', '1'], false],
    [['1', '2', '3'], false],
    [['1', '3'], false],
  ])('the order %j is complete: %s', (ids, complete) => {
    const lists = [tech, list('2', 'x')];
    const ordered = inOrder(lists, ids);
    expect(ordered).toEqual(complete ? lists.toReversed() : { refused: 'order_incomplete' });
  });
});

describe('preferences', () => {
  test.each<[change: PreferencesChange, answer: string]>([
    [{ theme: 'pink' }, 'theme'],
    [{ displayCurrency: 'usd' }, 'displayCurrency'],
    [{ displayCurrency: 'xUSD' }, 'displayCurrency'],
    [{ displayCurrency: 'USDx' }, 'displayCurrency'],
    [{ mutedNotifications: ['order.filled', 'noise'] }, 'mutedNotifications'],
    [
      { theme: 'dark', displayCurrency: 'CAD', confirmOrders: false, mutedNotifications: ['order.filled'] },
      'version 2',
    ],
    [{ colours: 'pink' }, 'colours'],
    [{ density: 'none' }, 'density'],
    [{ chartTimeframe: 'year' }, 'chartTimeframe'],
    [{ chartView: 'pie' }, 'chartView'],
    [{ numberFormat: 'German, please' }, 'numberFormat'],
    [{ numberFormat: 'de-CH' }, 'version 2'],
    [{ numberFormat: 'zh-Hant-TW' }, 'version 2'],
    [{ numberFormat: 'zh-Hant-TW-x-y' }, 'numberFormat'],
    [{ numberFormat: 'xde-CH-abcdefghi' }, 'numberFormat'],
    [{ numberFormat: 'd' }, 'numberFormat'],
    [{ watchlist: 'a'.repeat(101) }, 'watchlist'],
    [{ watchlist: 'everything' }, 'version 2'],
    [{ blotterHeight: 99 }, 'blotterHeight'],
    [{ blotterHeight: 100 }, 'version 2'],
    [{ blotterHeight: 2000 }, 'version 2'],
    [{ blotterHeight: 2001 }, 'blotterHeight'],
    [{ mutedNotifications: ['order.filled'] }, 'version 2'],
    [{ blotterHeight: 232.5 }, 'blotterHeight'],
    [{ blotterHeight: 400, hideAmounts: true, singleKeysOff: true }, 'version 2'],
    [{ mutedNotifications: [] }, 'version 1'],
    [{ colours: 'teal', blotterHeight: 232, numberFormat: '', singleKeysOff: false }, 'version 1'],
    [{}, 'version 1'],
  ])('%j: %s', (change, answer) => {
    const changed = changePreferences(defaultPreferences('u'), change);
    expect('refused' in changed ? changed.field : `version ${changed.version}`).toBe(answer);
  });

  test.each<[change: PreferencesChange, problem: string]>([
    [{ theme: 'pink' }, 'should be one of light, dark, system'],
    [{ displayCurrency: 'usd' }, 'should be a currency like USD'],
    [{ mutedNotifications: ['noise'] }, 'should be kinds of notifications that there are'],
    [{ numberFormat: '?' }, 'should be a language tag like de-CH, or empty'],
    [{ watchlist: '?' }, 'should be the id of a list, everything or empty'],
    [{ blotterHeight: 0 }, 'should be pixels from 100 to 2000'],
  ])('%j: %s', (change, problem) => {
    const changed = changePreferences(defaultPreferences('u'), change);
    expect(changed).toEqual({ refused: 'invalid_field', field: Object.keys(change)[0], problem });
  });

  test('what is muted is named once, in one order', () => {
    const current = defaultPreferences('u');
    const mute = ['order.rejected', 'deposit.settled', 'order.rejected', 'order.filled'];
    const changed = changePreferences(current, { mutedNotifications: mute });
    const mutedNotifications = ['deposit.settled', 'order.filled', 'order.rejected'];
    expect(changed).toEqual({ ...current, mutedNotifications, version: 2n });
    if ('refused' in changed) throw new Error('it is taken');
    expect(changePreferences(changed, { mutedNotifications: mute.toReversed() })).toBe(changed);
  });

  test.each(['auth.factor.enabled', 'auth.login.new_device', 'auth.password.changed', 'auth.api_key.created'])(
    '%s tells of the account’s security and cannot be muted',
    (kind) => {
      const changed = changePreferences(defaultPreferences('u'), { mutedNotifications: ['order.filled', kind] });
      const problem = `${kind} tells of the account’s security: nobody can mute it`;
      expect(changed).toEqual({ refused: 'security_notice', field: 'mutedNotifications', at: 1, problem });
    },
  );

  test('ask before an order, and hide nothing, until somebody says otherwise', () => {
    expect(defaultPreferences('u')).toMatchObject({ confirmOrders: true, hideAmounts: false, singleKeysOff: false });
  });
});

describe('templates', () => {
  const template = readTemplates(new URL('../templates/', import.meta.url));
  test.each(notificationKinds)('%s has words, with every value in its place', (kind) => {
    const values = Object.fromEntries(placeholders[kind].map((name) => [name, `<${name}>`]));
    const { title, body } = render(template(kind, 'en-CA'), values);
    for (const value of Object.values(values)) expect(title + body).toContain(value);
    expect(title + body).not.toContain('{');
    expect(template(kind, 'xx')).toEqual(template(kind, 'en'));
  });

  test('have a title, and a body of as many lines as there are', () => {
    const parsed = { title: 'Filled', body: 'One\ntwo' };
    expect(parseTemplate('order.filled', '\nFilled\n\nOne\ntwo\n')).toEqual(parsed);
    expect(render({ title: '{qty}', body: '[{none}]' }, { qty: '3' })).toEqual({ title: '3', body: '[]' });
  });

  test('that ask for what nobody fills in, or say nothing, are found at the start', () => {
    expect(() => parseTemplate('order.filled', 'Hello\n{balance}')).toThrow('{balance}');
    expect(() => parseTemplate('order.filled', 'Hello')).toThrow('needs a title and a body');
    expect(() => parseTemplate('order.filled', ' ')).toThrow('needs a title and a body');
    expect(() => parseTemplate('order.filled', '{a}\n{b}')).toThrow('{a}, {b}');
  });
});

const checked = (obstacle?: string): DeletionEvent => ({
  type: 'checked',
  obstacle,
  pseudonym: 'p',
  services: ['a', 'b'],
});

describe('a deletion', () => {
  const base = { userId: 'u', requestedAtUs: 1n };
  const requested: Deletion = { ...base, state: 'requested' };
  const checking: Deletion = { ...base, state: 'checking' };
  const refused: Deletion = { ...base, state: 'refused', reason: 'open_orders', finishedAtUs: 2n };
  const erasing = (...waitingFor: string[]): Deletion => ({ ...base, state: 'erasing', pseudonym: 'p', waitingFor });
  const completed: Deletion = { ...base, state: 'completed', finishedAtUs: 2n };
  test.each<[rule: string, from: Deletion | undefined, event: DeletionEvent, to: string]>([
    ['begins with a request', undefined, { type: 'requested' }, 'requested'],
    ['asked for twice goes on', requested, { type: 'requested' }, 'unchanged'],
    ['refused may be asked for again', refused, { type: 'requested' }, 'requested'],
    ['under way cannot be asked for', erasing('a'), { type: 'requested' }, 'unchanged'],
    ['done cannot be asked for', completed, { type: 'requested' }, 'unchanged'],
    ['is checked after the request', requested, { type: 'check_begun' }, 'checking'],
    ['is not checked twice', erasing('a'), { type: 'check_begun' }, 'unchanged'],
    ['is refused when something stands in the way', checking, checked('open_orders'), 'refused'],
    ['erases when nothing does', checking, checked(), 'erasing a b'],
    ['does not erase unchecked', requested, checked(), 'unchanged'],
    ['a check that comes late changes nothing', erasing('a'), checked('open_orders'), 'unchanged'],
    ['waits for one less', erasing('a', 'b'), { type: 'erased', service: 'a' }, 'erasing b'],
    ['an answer may come twice', erasing('b'), { type: 'erased', service: 'a' }, 'unchanged'],
    ['one whom nobody waits for changes nothing', erasing('b'), { type: 'erased', service: 'x' }, 'unchanged'],
    ['does not end while one is waited for', erasing('b'), { type: 'erased_here' }, 'unchanged'],
    ['an account ends when nobody is waited for', erasing(), { type: 'erased_here' }, 'completed'],
    ['an account that has ended does not end again', completed, { type: 'erased_here' }, 'unchanged'],
  ])('%s', (_, from, event, to) => {
    const next = afterEvent(from, 'u', event, 9n);
    const waitingFor = next?.state === 'erasing' ? next.waitingFor : [];
    expect([next?.state ?? 'unchanged', ...waitingFor].join(' ')).toBe(to);
    // Whose it is and since when is kept, until it is asked for anew.
    if (next !== undefined)
      expect(next).toMatchObject(event.type === 'requested' ? { userId: 'u', requestedAtUs: 9n } : base);
  });

  test.each<[event: DeletionEvent]>([
    [{ type: 'check_begun' }],
    [checked()],
    [{ type: 'erased', service: 'a' }],
    [{ type: 'erased_here' }],
  ])('that was never asked for is not gone on with: %j', (event) => {
    expect(afterEvent(undefined, 'u', event, 9n)).toBeUndefined();
  });

  test.each<[state: string, deletion: Deletion, ready: boolean]>([
    ['requested', requested, false],
    ['refused', refused, false],
    ['completed', completed, false],
    ['that waits for one', erasing('a'), false],
    ['that waits for nobody', erasing(), true],
  ])('one %s can be completed: %s', (_, deletion, ready) => {
    expect(isReadyToComplete(deletion)).toBe(ready);
  });

  test('is tried again later each time, at most ten minutes later', () => {
    const delays = [0, 1, 2, 9, 10, 50].map((attempts) => nextStepAtUs(0n, attempts) / 1_000_000n);
    expect(delays).toEqual([1n, 2n, 4n, 512n, 600n, 600n]);
  });
});
