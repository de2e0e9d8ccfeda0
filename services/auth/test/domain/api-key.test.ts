import { describe, expect, test } from 'vitest';
import { type ApiKey, isExpired, isUseWorthNoting, scopesProblem } from '../../src/domain/api-key.ts';

const mine = ['order:place:own', 'order:read', 'api_key:create:own', 'session:revoke:own'];

describe('the scopes of a key', () => {
  test.each<[rule: string, scopes: string[], granted: string[] | undefined, field: string | undefined]>([
    ['what its maker may do', ['order:place:own'], mine, undefined],
    ['their own, where the maker may do it to everybody’s', ['order:read:own'], mine, undefined],
    ['not everybody’s, where the maker may do it to their own', ['order:place'], mine, 'scopes[0]'],
    ['nothing that the maker may not', ['order:read', 'ledger:adjust'], mine, 'scopes[1]'],
    ['at least one', [], mine, 'scopes'],
    ['not too many', Array.from({ length: 51 }, () => 'order:read'), mine, 'scopes'],
    ['nothing that could make more keys', ['api_key:create:own'], mine, 'scopes[0]'],
    ['nothing that could end its owner’s sessions', ['session:revoke:own'], mine, 'scopes[0]'],
    ['nothing that is no permission', ['ORDER'], mine, 'scopes[0]'],
    ['nothing that is no permission, whoever makes it', ['ORDER'], undefined, 'scopes[0]'],
    ['nothing of its own that the maker may in no form', ['ledger:adjust:own'], mine, 'scopes[0]'],
    ['fifty of them', Array.from({ length: 50 }, () => 'order:read'), mine, undefined],
    ['a service may give any', ['ledger:adjust'], undefined, undefined],
  ])('%s', (_, scopes, granted, field) => {
    expect(scopesProblem(scopes, granted)?.field).toBe(field);
  });
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
