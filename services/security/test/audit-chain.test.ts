import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  type Action,
  commitmentTo,
  type Entry,
  entryAfter,
  GENESIS,
  hashOf,
  type KeptPersonal,
  type Link,
} from '../src/domain/audit-entry.ts';
import {
  type Checkpoint,
  headText,
  isBeginning,
  isProblem,
  type ProblemKind,
  problems,
  type SignatureAnswer,
  signedText,
  type Verified,
  verifyCheckpoint,
  verifyEntry,
  verifyPersonal,
} from '../src/domain/audit-verification.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** So that what is hashed can be read. */
const plain = (text: string): string => text;

const action: Action = {
  eventId: 'e',
  source: 'auth',
  occurredAtUs: 5n,
  actor: 'ada',
  action: 'auth.login.succeeded',
  entity: 'session/s',
  result: 'ok',
  traceId: 't',
  details: { reason: 'x' },
  personal: { ofUser: 'ada', address: '198.51.100.7', userAgent: 'Browser/1', reason: '' },
};
const last: Link = { sequence: 7n, hash: 'before' };

describe('an entry', () => {
  const commitment = '["andvari.audit.personal.1","salt","ada","198.51.100.7","Browser/1"]';

  test('is committed to with its reason, where there is one', () => {
    const personal = { ofUser: 'ada', address: '', userAgent: '', reason: 'she asked' };
    const { commitment: made } = entryAfter(last, { ...action, personal }, 'salt', plain);
    expect(made).toBe('["andvari.audit.personal.2","salt","ada","","","she asked"]');
  });

  test('is all of its action behind the one before, with a commitment to what is personal in its place', () => {
    const { details: _, personal: __, ...fields } = action;
    const entry = entryAfter(last, action, 'salt', plain);
    expect(entry).toEqual({
      ...fields,
      details: '{"reason":"x"}',
      sequence: 8n,
      personalOf: 'ada',
      commitment,
      previousHash: 'before',
      hash: entry.hash,
    });
    expect(JSON.parse(entry.hash)).toEqual([
      'andvari.audit.1',
      'before',
      '8',
      'e',
      'auth',
      '5',
      'ada',
      'auth.login.succeeded',
      'session/s',
      'ok',
      't',
      '{"reason":"x"}',
      'ada',
      commitment,
    ]);
  });

  test('of nothing personal commits to nothing', () => {
    const entry = entryAfter(last, { ...action, personal: undefined }, 'salt', plain);
    expect(entry).toMatchObject({ personalOf: '', commitment: '' });
  });

  test('that is the first comes behind nothing', () => {
    expect(entryAfter(GENESIS, action, 'salt', sha256)).toMatchObject({ sequence: 1n, previousHash: '0'.repeat(64) });
    expect(GENESIS).toEqual({ sequence: 0n, hash: '0'.repeat(64) });
  });
});

/** Entries one behind the other, of different actions. */
function chain(length: number): [Entry, ...Entry[]] {
  const entries: Entry[] = [];
  let at: Link = GENESIS;
  for (let n = 1; n <= length; n += 1) {
    const entry = entryAfter(at, { ...action, eventId: `${n}` }, 'salt', sha256);
    entries.push(entry);
    at = entry;
  }
  return entries as [Entry, ...Entry[]];
}

const rehashed = (entry: Entry): Entry => ({ ...entry, hash: hashOf(entry, sha256) });

/** Goes along a chain as a verification does; what it finds first, or where it ends. */
function verified(entries: readonly Entry[]): string {
  let at: Verified = { last: GENESIS, beforeLast: undefined };
  for (const entry of entries) {
    const outcome = verifyEntry(at, entry, sha256);
    if (isProblem(outcome)) return `${outcome.what} at ${outcome.sequence}`;
    at = outcome;
  }
  return `right up to ${at.last.sequence}`;
}

const moved = (entry: Entry, by: bigint): Entry => ({ ...entry, sequence: entry.sequence + by });

describe('a chain', () => {
  const [first, ...others] = chain(5);
  const [second, third, fourth, fifth] = others as [Entry, Entry, Entry, Entry];
  const changed = { ...third, actor: 'eve' };
  const strangers = entryAfter(second, { ...action, eventId: 'x' }, 'salt', sha256);

  const rows: [rule: string, entries: Entry[], found: string][] = [
    ['is right', [first, second, third, fourth, fifth], 'right up to 5'],
    ['is right where there is nothing', [], 'right up to 0'],
    ['lacks its first', [second, third], 'row_removed at 1'],
    ['lacks one within', [first, second, fourth, fifth], 'row_removed at 3'],
    ['lacks two within', [first, fourth, fifth], 'row_removed at 2'],
    [
      'lacks one, and the others are numbered anew',
      [first, second, moved(fourth, -1n), moved(fifth, -1n)],
      'row_removed at 3',
    ],
    ['has one changed', [first, second, changed, fourth], 'row_changed at 3'],
    ['has its first changed', [{ ...first, actor: 'eve' }, second], 'row_changed at 1'],
    [
      'has one changed, and hashed anew: the next one does not fit it',
      [first, second, rehashed(changed), fourth],
      'row_changed at 3',
    ],
    [
      'has its first written anew, with what is before it',
      [rehashed({ ...first, previousHash: 'x' }), second],
      'row_changed at 1',
    ],
    [
      'has one put in, and the others are numbered anew',
      [first, second, strangers, moved(third, 1n), moved(fourth, 1n)],
      'row_inserted at 3',
    ],
    [
      'has one put in as its first',
      [entryAfter(GENESIS, { ...action, eventId: 'x' }, 'salt', sha256), moved(first, 1n)],
      'row_inserted at 1',
    ],
    ['has one twice', [first, second, third, third], 'row_changed at 3'],
    [
      'has one of another chain, numbered for its place',
      [first, second, { ...strangers, sequence: 3n, previousHash: 'x' }],
      'row_changed at 3',
    ],
  ];
  test.each(rows)('%s', (_, entries, found) => {
    expect(verified(entries)).toBe(found);
  });

  test('that is entered within knows nothing of what is before that, and finds one put in all the same', () => {
    const at = { last: { sequence: strangers.sequence, hash: strangers.hash }, beforeLast: undefined };
    expect(verifyEntry(at, moved(third, 1n), sha256)).toEqual({ sequence: 3n, what: 'row_inserted' });
  });

  test('where a row that fits before does not remember that place, was changed', () => {
    const at = { last: { sequence: 3n, hash: strangers.hash }, beforeLast: { sequence: 2n, hash: 'another' } };
    expect(verifyEntry(at, moved(third, 1n), sha256)).toEqual({ sequence: 4n, what: 'row_changed' });
  });

  test('goes on from what was verified', () => {
    const outcome = verifyEntry({ last: first, beforeLast: GENESIS }, second, sha256);
    expect(outcome).toEqual({ last: { sequence: 2n, hash: second.hash }, beforeLast: first });
    expect(isProblem(outcome)).toBe(false);
  });
});

const nothing = () => '';

describe('what is personal', () => {
  const kept: KeptPersonal = {
    salt: 'salt',
    ofUser: 'ada',
    address: '198.51.100.7',
    userAgent: 'Browser/1',
    reason: '',
  };
  const entry = entryAfter(GENESIS, action, 'salt', sha256);
  const none = entryAfter(GENESIS, { ...action, personal: undefined }, 'salt', sha256);
  const rows: [rule: string, entry: Entry, kept: KeptPersonal | undefined, isErased: boolean, what?: ProblemKind][] = [
    ['is what was recorded', entry, kept, false],
    ['is what was recorded, though its user is to go', entry, kept, true],
    ['is another address', entry, { ...kept, address: 'x' }, false, 'personal_part_changed'],
    ['is another program', entry, { ...kept, userAgent: 'x' }, false, 'personal_part_changed'],
    ['is another reason', entry, { ...kept, reason: 'x' }, false, 'personal_part_changed'],
    ['has another salt', entry, { ...kept, salt: 'x' }, false, 'personal_part_changed'],
    ['is another’s', entry, { ...kept, ofUser: 'eve' }, false, 'personal_part_changed'],
    [
      'is another’s, with a commitment that says so',
      { ...entry, commitment: commitmentTo({ ...kept, ofUser: 'eve' }, sha256) },
      { ...kept, ofUser: 'eve' },
      false,
      'personal_part_changed',
    ],
    ['is there where nothing was', none, { ...kept, ofUser: '' }, false, 'personal_part_changed'],
    ['is gone', entry, undefined, false, 'personal_part_removed'],
    ['is gone with its user', entry, undefined, true],
    ['was never there', none, undefined, false],
  ];
  test.each(rows)('%s', (_, of, part, isErased, what) => {
    const problem = what === undefined ? undefined : { sequence: 1n, what };
    expect(verifyPersonal(of, part, isErased, sha256)).toEqual(problem);
  });

  test('is right only by a commitment: nothing is no commitment to anything', () => {
    expect(verifyPersonal(none, { ...kept, ofUser: '' }, false, nothing)).toMatchObject({
      what: 'personal_part_changed',
    });
  });
});

const found = (more: { hash?: string; previousSequence?: bigint; signature?: SignatureAnswer } = {}) => ({
  hash: 'h',
  previousSequence: 4n,
  signature: 'right' as const,
  ...more,
});

describe('a checkpoint', () => {
  const checkpoint: Checkpoint = {
    sequence: 9n,
    hash: 'h',
    previousSequence: 4n,
    signedAtUs: 5n,
    keyId: 'k',
    signature: 's',
  };
  const rows: [
    rule: string,
    found: ReturnType<typeof found> | { signature: SignatureAnswer; hash: string; previousSequence: bigint },
    what?: ProblemKind,
  ][] = [
    ['is right', found()],
    [
      'is signed with a key that nobody knows, whatever else',
      found({ signature: 'unknown_key', hash: 'x', previousSequence: 0n }),
      'checkpoint_of_unknown_key',
    ],
    [
      'is signed wrongly, whatever else',
      found({ signature: 'wrong', hash: 'x', previousSequence: 0n }),
      'checkpoint_forged',
    ],
    [
      'misses the one before, whatever is in the chain',
      found({ hash: 'x', previousSequence: 0n }),
      'checkpoint_removed',
    ],
    ['has another hash than the chain', found({ hash: 'x' }), 'checkpoint_differs'],
  ];
  test.each(rows)('%s', (_, of, what) => {
    expect(verifyCheckpoint(checkpoint, of)).toEqual(what === undefined ? undefined : { sequence: 9n, what });
  });

  test('is signed as one text, and so is the end of the chain, and neither can be taken for the other', () => {
    expect(JSON.parse(signedText(checkpoint))).toEqual(['andvari.audit.checkpoint.1', '9', 'h', '4', '5', 'k']);
    const head = { sequence: 9n, hash: 'h', checkpointSequence: 4n };
    expect(JSON.parse(headText(head, 'k'))).toEqual(['andvari.audit.head.1', '9', 'h', '4', 'k']);
  });

  test('is none where there is nothing yet', () => {
    const head = { sequence: 0n, hash: GENESIS.hash, checkpointSequence: 0n, keyId: '', signature: '' };
    expect(isBeginning(head)).toBe(true);
    expect([isBeginning({ ...head, sequence: 1n }), isBeginning({ ...head, keyId: 'k' })]).toEqual([false, false]);
  });
});

test('every problem is told in words of its own', () => {
  const words = Object.values(problems);
  expect(new Set(words).size).toBe(11);
  expect(words.every((text) => text.length > 20)).toBe(true);
});
