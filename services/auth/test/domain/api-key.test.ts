import { describe, expect, test } from 'vitest';
import { type ApiKey, grantableScopes, isExpired, isUseWorthNoting, scopesProblem } from '../../src/domain/api-key.ts';

const mine = ['order:place:own', 'order:read', 'api_key:create:own', 'session:revoke:own'];

const times = (count: number) => Array.from({ length: count }, () => 'order:read');

const personal = (scope: string) => ({ field: 'scopes[0]', problem: `${scope} is for people only, never for a key` });
const more = (scope: string, at = 0) => ({
  field: `scopes[${at}]`,
  problem: `${scope} is more than you may do yourself`,
});

describe('the scopes of a key', () => {
  const least = { field: 'scopes', problem: 'should name at least one' };
  const most = { field: 'scopes', problem: 'should be at most 50' };
  const shape = { field: 'scopes[0]', problem: 'should be like order:place:own' };
  test.each<[rule: string, scopes: string[], granted: string[] | undefined, problem: object | undefined]>([
    ['what its maker may do', ['order:place:own'], mine, undefined],
    ['their own, where the maker may do it to everybody’s', ['order:read:own'], mine, undefined],
    ['not everybody’s, where the maker may do it to their own', ['order:place'], mine, more('order:place')],
    ['nothing that the maker may not', ['order:read', 'ledger:adjust'], mine, more('ledger:adjust', 1)],
    ['nothing whose first letters the maker may', ['order:readers'], ['order:rea'], more('order:readers')],
    ['at least one', [], mine, least],
    ['not too many', times(51), mine, most],
    ['nothing that could make more keys', ['api_key:create:own'], mine, personal('api_key:create:own')],
    ['nothing that could end its owner’s sessions', ['session:revoke:own'], mine, personal('session:revoke:own')],
    ['nothing that could lock its owner out', ['password:change:own'], mine, personal('password:change:own')],
    [
      'nothing that could end its owner’s account',
      ['account_deletion:request:own'],
      mine,
      personal('account_deletion:request:own'),
    ],
    ['nothing that could take a second factor away', ['factor:remove'], undefined, personal('factor:remove')],
    ['nothing that could grant', ['role:grant'], undefined, personal('role:grant')],
    ['reading roles, which grants nothing', ['role:read'], undefined, undefined],
    ['nothing that is no permission', ['ORDER'], mine, shape],
    ['nothing that is no permission, whoever makes it', ['ORDER'], undefined, shape],
    ['nothing with more before a permission', [' order:read'], undefined, shape],
    ['nothing with more behind one', ['order:read:all'], undefined, shape],
    ['nothing of its own that the maker may in no form', ['ledger:adjust:own'], mine, more('ledger:adjust:own')],
    ['fifty of them', times(50), mine, undefined],
    ['a service may give any', ['ledger:adjust'], undefined, undefined],
  ])('%s', (_, scopes, granted, problem) => {
    expect(scopesProblem(scopes, granted)).toEqual(problem);
  });
});

test('what is offered for a key is what would be taken, and all of it', () => {
  const granted = [...mine, 'instrument:read', 'password:change:own', 'account_deletion:request:own', 'market:halt'];
  const offered = grantableScopes(granted);
  expect(offered).toEqual(['order:place:own', 'order:read', 'instrument:read', 'market:halt']);
  expect(scopesProblem(offered, granted)).toBeUndefined();
  for (const left of granted.filter((scope) => !offered.includes(scope)))
    expect(scopesProblem([left], granted)).toBeDefined();
});

describe('a key', () => {
  test.each<[rule: string, expiresAtUs: bigint, atUs: bigint, expired: boolean]>([
    ['without an end never expires', 0n, 10n ** 18n, false],
    ['works before its end', 100n, 99n, false],
    ['does not work at its end', 100n, 100n, true],
  ])('%s', (_, expiresAtUs, atUs, expired) => {
    expect(isExpired(keyWith({ expiresAtUs }), atUs)).toBe(expired);
  });

  test('notes its use once a minute', () => {
    expect(isUseWorthNoting(keyWith({ lastUsedAtUs: 1n }), 60_000_000n)).toBe(false);
    expect(isUseWorthNoting(keyWith({ lastUsedAtUs: 1n }), 60_000_001n)).toBe(true);
  });
});

function keyWith(fields: Partial<ApiKey>): ApiKey {
  return {
    id: 'k',
    userId: 'u',
    name: 'bot',
    scopes: [],
    createdAtUs: 0n,
    expiresAtUs: 0n,
    lastUsedAtUs: 0n,
    dailyNotionalCap: 0n,
    ...fields,
  };
}
