import { describe, expect, test } from 'vitest';
import { anonymous, intersection, may, type Rights, rightsOf, type Viewer } from '../src/identity/viewer.ts';

const viewer = (rights: Rights): Viewer => ({
  kind: 'session',
  userId: 'ada',
  sessionId: 's',
  apiKeyId: '',
  authenticatedAtUs: undefined,
  rights,
  untilMs: 0,
});
const having = (...permissions: string[]): Viewer => viewer(rightsOf(permissions, 1n));

describe('a viewer may', () => {
  const rows: [rule: string, viewer: Viewer, owner: string | undefined, may: boolean][] = [
    ['do what is permitted, to whatever it is', having('memo:add'), undefined, true],
    ['do it to what is another’s', having('memo:add'), 'bob', true],
    ['do what is permitted for their own, to that', having('memo:add:own'), 'ada', true],
    ['not do it to what is another’s', having('memo:add:own'), 'bob', false],
    ['not do it to what is nobody’s', having('memo:add:own'), undefined, false],
    ['not do what is not permitted', having('memo:read', 'memo:read:own'), 'ada', false],
    ['do nothing while nobody knows what they may', viewer({ known: false }), 'ada', false],
    ['do nothing where nobody knows who they are', anonymous, undefined, false],
  ];
  test.each(rows)('%s', (_, who, owner, allowed) => {
    expect(may(who, 'memo:add', owner)).toBe(allowed);
  });
});

test('rights are each once, the same for the gateway and for the services', () => {
  expect(rightsOf(['a', 'b', 'a'], 7n)).toEqual({
    known: true,
    permissions: new Set(['a', 'b']),
    scopes: ['a', 'b'],
    rolesVersion: 7n,
  });
});

test('nobody is anonymous', () => {
  expect(anonymous).toEqual({ kind: 'anonymous' });
});

describe('an API key may', () => {
  const rows: [rule: string, owner: string[], scopes: string[], left: string[]][] = [
    ['do what its owner may and it is for', ['memo:add'], ['memo:add'], ['memo:add']],
    ['not do what its owner may not', [], ['memo:add'], []],
    ['not do what it is not for', ['memo:add'], [], []],
    [
      'do for its owner’s own what it is for, where its owner may for all',
      ['memo:add'],
      ['memo:add:own'],
      ['memo:add:own'],
    ],
    ['do for its owner’s own what they may, where it is for all', ['memo:add:own'], ['memo:add'], ['memo:add:own']],
    ['do neither of two that only begin alike', ['memo:add:own'], ['memo:address'], []],
    ['do neither of two where one has no more than an end', ['memo'], ['memo:all'], []],
  ];
  test.each(rows)('%s', (_, owner, scopes, left) => {
    expect([...intersection(new Set(owner), scopes)].toSorted()).toEqual(left);
  });
});
