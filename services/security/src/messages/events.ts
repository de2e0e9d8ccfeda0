import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { auditCheckpointSigned, rolesChanged, userErased } from '@andvari/proto/events';
import type { Checkpoint } from '../domain/audit-verification.ts';

const SERVICE = 'security';
const attributes = { source: SERVICE };

export interface RolesChange {
  userId: string;
  rolesVersion: bigint;
  change: 'granted' | 'revoked' | 'expired';
  role: string;
  changedBy: string;
  /** In somebody's words; empty where nobody was asked. */
  reason: string;
}

export function rolesChangedEvent(change: RolesChange): OutgoingEvent {
  return newEvent(rolesChanged, change, attributes);
}

export function checkpointSignedEvent(checkpoint: Checkpoint): OutgoingEvent {
  const { hash, signature, ...fields } = checkpoint;
  const message = { ...fields, hash: Buffer.from(hash, 'hex'), signature: Buffer.from(signature, 'hex') };
  return newEvent(auditCheckpointSigned, message, attributes);
}

export function userErasedEvent(userId: string): OutgoingEvent {
  return newEvent(userErased, { userId, service: SERVICE }, attributes);
}
