import { describe, expect, test } from 'vitest';
import {
  afterSaving,
  changesOf,
  chosen,
  type Edit,
  editOf,
  rebased,
  typed,
} from '../../src/features/settings/profile-edit.ts';

type Name = 'given' | 'phone';
const saved = { given: 'Ada', phone: '+1' };
const begun: Edit<Name> = editOf(saved, 1);
const open = (yours: string, theirs: string) => ({ yours, theirs, isChosen: false });

describe('what was saved elsewhere meanwhile', () => {
  test.each<[what: string, given: [yours: string, theirs: string], draft: string, both: object]>([
    ['nothing of it: yours stays', ['Grace', 'Ada'], 'Grace', {}],
    ['the same as yours is no question', ['Grace', 'Grace'], 'Grace', {}],
    ['what you have not touched is theirs', ['Ada', 'Grace'], 'Grace', {}],
    ['what both have changed is asked', ['Grace', 'Mary'], 'Grace', { given: open('Grace', 'Mary') }],
    ['emptied is changed', ['', 'Mary'], '', { given: open('', 'Mary') }],
  ])('%s', (_, [yours, theirs], draft, both) => {
    const next = rebased(typed(begun, 'given', yours), { ...saved, given: theirs }, 2);
    expect(next).toEqual({ version: 2, base: { ...saved, given: theirs }, draft: { ...saved, given: draft }, both });
  });

  test('again, while the first question is open, asks with the newest', () => {
    const first = rebased(typed(begun, 'given', 'Grace'), { ...saved, given: 'Mary' }, 2);
    expect(rebased(first, { ...saved, given: 'Mary' }, 3).both).toEqual({ given: open('Grace', 'Mary') });
    expect(rebased(first, { ...saved, given: 'Emmy' }, 3).both).toEqual({ given: open('Grace', 'Emmy') });
    expect(rebased(first, { ...saved, given: 'Grace' }, 3).both).toEqual({});
  });

  test('after theirs was taken is taken as well, and after yours was kept is asked anew', () => {
    const asked = rebased(typed(begun, 'given', 'Grace'), { ...saved, given: 'Mary' }, 2);
    const theirs = rebased(chosen(asked, 'given', 'Mary'), { ...saved, given: 'Emmy' }, 3);
    expect([theirs.draft.given, theirs.both]).toEqual(['Emmy', {}]);
    const yours = rebased(chosen(asked, 'given', 'Grace'), { ...saved, given: 'Emmy' }, 3);
    expect(yours.both).toEqual({ given: open('Grace', 'Emmy') });
  });
});

describe('what would be saved', () => {
  const asked = rebased(typed(typed(begun, 'given', 'Grace'), 'phone', ' +2 '), { ...saved, given: 'Mary' }, 2);
  test.each([
    ['yours', 'Grace', { given: 'Grace', phone: '+2' }],
    ['theirs', 'Mary', { phone: '+2' }],
  ])('with %s chosen', (_, value, changes) => {
    expect(changesOf(chosen(asked, 'given', value))).toEqual(changes);
  });

  test('is nothing where there is only space around it', () => {
    expect(changesOf(typed(begun, 'given', ' Ada '))).toEqual({});
  });

  test('a choice that nobody asked for chooses nothing', () => {
    expect(chosen(begun, 'given', 'Grace')).toEqual(begun);
  });
});

describe('after saving', () => {
  const sent = typed(begun, 'given', 'Grace');
  test.each<[what: string, now: Edit<Name>, draft: object]>([
    ['nothing is left to do', sent, { given: 'Grace', phone: '+1' }],
    ['what was typed meanwhile is kept', typed(sent, 'given', 'Gracie'), { given: 'Gracie', phone: '+1' }],
    ['in another field, too', typed(sent, 'phone', '+2'), { given: 'Grace', phone: '+2' }],
  ])('%s', (_, now, draft) => {
    const done = { ...saved, given: 'Grace' };
    expect(afterSaving(now, { given: 'Grace' }, done, 2)).toEqual({ version: 2, base: done, draft, both: {} });
  });
});
