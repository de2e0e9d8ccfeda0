import { allows } from './permission.ts';

export interface Role {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
  /** Everybody has it without any grant. */
  readonly isDefault: boolean;
}

/** A role given to a user, in force until it is ended or runs out. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly role: string;
  /** A user id, or `service:` and a name. */
  readonly grantedBy: string;
  readonly reason: string;
  readonly grantedAtUs: bigint;
  /** Undefined: does not run out. */
  readonly expiresAtUs: bigint | undefined;
}

/** Who changes somebody's roles, with the rights they have at this moment. */
export type Granter =
  | { readonly kind: 'user'; readonly userId: string; readonly permissions: readonly string[] }
  | { readonly kind: 'service'; readonly name: string };

export interface GrantRequest {
  readonly userId: string;
  readonly granter: Granter;
  /** Undefined where there is no role of that name. */
  readonly role: Role | undefined;
  readonly expiresAtUs: bigint | undefined;
}

/** The grants in force that the rules look at. */
export interface InForce {
  /** This role's, to this user. */
  readonly current: Grant | undefined;
  /** Those, of any user, whose role lets its holder grant roles. */
  readonly granting: readonly Grant[];
}

export const grantRefusals = [
  'unknown_role',
  'role_of_everybody',
  'not_permitted',
  'self_grant',
  'exceeds_own_rights',
  'expiry_not_in_future',
  'last_admin',
] as const;
export type GrantRefusal = (typeof grantRefusals)[number];
export type RevokeRefusal = Exclude<GrantRefusal, 'self_grant' | 'expiry_not_in_future'> | 'not_granted';

export type GrantDecision =
  | { type: 'refused'; reason: GrantRefusal }
  /** The user has exactly that already. */
  | { type: 'unchanged'; grant: Grant }
  | { type: 'granted'; replaces: Grant | undefined };

export function decideGrant(request: GrantRequest, inForce: InForce, atUs: bigint): GrantDecision {
  const { role, granter, userId, expiresAtUs } = request;
  const { current, granting } = inForce;
  if (role === undefined) return refused('unknown_role');
  if (role.isDefault) return refused('role_of_everybody');
  if (!mayGrant(granter)) return refused('not_permitted');
  if (granter.kind === 'user' && granter.userId === userId) return refused('self_grant');
  if (exceeds(role, granter)) return refused('exceeds_own_rights');
  if (expiresAtUs !== undefined && expiresAtUs <= atUs) return refused('expiry_not_in_future');
  if (current !== undefined && current.expiresAtUs === expiresAtUs) return { type: 'unchanged', grant: current };
  if (current !== undefined && expiresAtUs !== undefined && isLastLasting(current, granting))
    return refused('last_admin');
  return { type: 'granted', replaces: current };
}

export type RevokeDecision = { type: 'refused'; reason: RevokeRefusal } | { type: 'revoked'; grant: Grant };

export function decideRevoke(request: Omit<GrantRequest, 'expiresAtUs'>, inForce: InForce): RevokeDecision {
  const { role, granter } = request;
  const { current, granting } = inForce;
  if (role === undefined) return { type: 'refused', reason: 'unknown_role' };
  if (role.isDefault) return { type: 'refused', reason: 'role_of_everybody' };
  if (!mayGrant(granter)) return { type: 'refused', reason: 'not_permitted' };
  if (exceeds(role, granter)) return { type: 'refused', reason: 'exceeds_own_rights' };
  if (current === undefined) return { type: 'refused', reason: 'not_granted' };
  if (isLast(current, granting) || isLastLasting(current, granting)) return { type: 'refused', reason: 'last_admin' };
  return { type: 'revoked', grant: current };
}

/** Where a role lets its holder grant roles, the rules must look at all who have such a role. */
export const GRANTING = 'role:grant';

function mayGrant(granter: Granter): boolean {
  return granter.kind === 'service' || granter.permissions.includes(GRANTING);
}

/** Nobody hands on, or takes away, a right that they do not have. */
function exceeds(role: Role, granter: Granter): boolean {
  return granter.kind === 'user' && !role.permissions.every((permission) => allows(granter.permissions, permission));
}

function isLast(grant: Grant, granting: readonly Grant[]): boolean {
  return isAmong(grant, granting) && granting.length === 1;
}

/** Of those that remain, all run out: one day nobody could grant a role any more. */
function isLastLasting(grant: Grant, granting: readonly Grant[]): boolean {
  const lasting = granting.filter(({ expiresAtUs }) => expiresAtUs === undefined);
  return isAmong(grant, lasting) && lasting.every(({ id }) => id === grant.id);
}

function isAmong(grant: Grant, grants: readonly Grant[]): boolean {
  return grants.some(({ id }) => id === grant.id);
}

function refused(reason: GrantRefusal): GrantDecision {
  return { type: 'refused', reason };
}
