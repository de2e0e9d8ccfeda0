import { describe, expect, test } from 'vitest';
import { decideGrant, decideRevoke, type Grant, type Granter, type Role } from '../src/domain/grant.ts';
import { allows, isPermission } from '../src/domain/permission.ts';

const NOW = 1_000_000n;
const role = (name: string, permissions: string[], isDefault = false): Role => {
  return { name, description: '', permissions, isDefault };
};
const support = role('support', ['profile:read']);
const admin = role('admin', ['profile:read', 'role:grant']);
const member = role('member', ['profile:read:own'], true);
const ledger = role('ledger', ['ledger:adjust']);
const mixed = role('mixed', ['profile:read', 'ledger:adjust']);
const grant = (userId: string, of: Role, expiresAtUs?: bigint): Grant => {
  return { id: `${userId} ${of.name}`, userId, role: of.name, grantedBy: '', reason: '', grantedAtUs: 0n, expiresAtUs };
};
const ada: Granter = { kind: 'user', userId: 'ada', permissions: admin.permissions };
const bob: Granter = { kind: 'user', userId: 'bob', permissions: support.permissions };
const tool: Granter = { kind: 'service', name: 'seedctl' };

describe('granting', () => {
  const adas = grant('ada', admin);
  test.each<
    [
      rule: string,
      granter: Granter,
      to: string,
      given: Role | undefined,
      expiry: bigint | undefined,
      current: Grant | undefined,
      answer: string,
    ]
  >([
    ['a role that does not exist is refused first', bob, 'bob', undefined, 0n, undefined, 'unknown_role'],
    ['what everybody has is not granted', bob, 'bob', member, 0n, undefined, 'role_of_everybody'],
    ['without role:grant nobody grants', bob, 'bob', support, 0n, undefined, 'not_permitted'],
    ['nobody grants to themselves', ada, 'ada', support, 0n, undefined, 'self_grant'],
    ['a right the granter lacks is not handed on', ada, 'cy', ledger, 0n, undefined, 'exceeds_own_rights'],
    ['nor one that has only some of its rights', ada, 'cy', mixed, undefined, undefined, 'exceeds_own_rights'],
    ['an expiry in the past is refused', ada, 'cy', support, NOW, undefined, 'expiry_not_in_future'],
    ['an expiry in the future is taken', ada, 'cy', support, NOW + 1n, undefined, 'granted'],
    ['without an expiry it lasts', ada, 'cy', support, undefined, undefined, 'granted'],
    ['the same again changes nothing', ada, 'cy', support, 5n * NOW, grant('cy', support, 5n * NOW), 'unchanged'],
    ['another expiry replaces', ada, 'cy', support, 5n * NOW, grant('cy', support), 'granted'],
    ['the last lasting admin is not made temporary', tool, 'ada', admin, 5n * NOW, adas, 'last_admin'],
    ['a service grants whatever there is', tool, 'cy', ledger, undefined, undefined, 'granted'],
  ])('%s', (_, granter, userId, given, expiresAtUs, current, answer) => {
    const decision = decideGrant({ userId, granter, role: given, expiresAtUs }, { current, granting: [adas] }, NOW);
    expect(decision.type === 'refused' ? decision.reason : decision.type).toBe(answer);
  });
});

describe('revoking', () => {
  const [adas, cys, dees] = [grant('ada', admin), grant('cy', admin), grant('dee', admin, 5n * NOW)];
  const cysSupport = grant('cy', support);
  test.each<
    [
      rule: string,
      granter: Granter,
      given: Role | undefined,
      current: Grant | undefined,
      granting: Grant[],
      answer: string,
    ]
  >([
    ['a role that does not exist is refused first', bob, undefined, undefined, [], 'unknown_role'],
    ['nobody stops being a member', bob, member, undefined, [], 'role_of_everybody'],
    ['without role:grant nobody revokes', bob, support, undefined, [], 'not_permitted'],
    ['a right the revoker lacks is not taken away', ada, ledger, undefined, [], 'exceeds_own_rights'],
    ['nor one that has only some of its rights', ada, mixed, undefined, [], 'exceeds_own_rights'],
    ['what was not granted cannot be revoked', ada, support, undefined, [adas], 'not_granted'],
    ['the last admin stays', ada, admin, adas, [adas], 'last_admin'],
    ['the last temporary admin stays', tool, admin, dees, [dees], 'last_admin'],
    ['the last lasting admin stays, whoever is there for a while', ada, admin, adas, [adas, dees], 'last_admin'],
    ['one of two lasting admins goes', ada, admin, cys, [adas, cys], 'revoked'],
    ['a temporary admin goes', ada, admin, dees, [adas, dees], 'revoked'],
    ['a role that lets nobody grant goes, though one admin is left', ada, support, cysSupport, [adas], 'revoked'],
    ['and though all who may grant are there for a while', tool, support, cysSupport, [dees], 'revoked'],
    ['an admin may step back', ada, admin, adas, [adas, cys], 'revoked'],
  ])('%s', (_, granter, given, current, granting, answer) => {
    const decision = decideRevoke({ userId: current?.userId ?? 'x', granter, role: given }, { current, granting });
    expect(decision.type === 'refused' ? decision.reason : decision.type).toBe(answer);
  });
});

test.each<[held: string[], asked: string, allowed: boolean]>([
  [['order:cancel'], 'order:cancel', true],
  [['order:cancel'], 'order:cancel:own', true],
  [['order:cancel:own'], 'order:cancel:own', true],
  [['order:cancel:own'], 'order:cancel', false],
  [['order:read'], 'order:cancel:own', false],
  [[], 'order:cancel', false],
])('%j: %s is %s', (held, asked, allowed) => expect(allows(held, asked)).toBe(allowed));

test.each([
  ['order:cancel', true],
  ['order:cancel:own', true],
  ['order', false],
  ['order:cancel:other', false],
  ['order:*', false],
  ['', false],
])('%j is a permission: %s', (text, is) => expect(isPermission(text)).toBe(is));
