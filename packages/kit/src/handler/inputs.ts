import { invalid } from '../base/errors.ts';

/** Checks at the edge that every service needs; each names the field that is wrong. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function requireUuid(field: string, value: string): void {
  if (!UUID.test(value)) throw invalid(field, 'should be a UUID');
}

export function requireUuids(field: string, values: readonly string[]): void {
  values.forEach((value, index) => {
    requireUuid(`${field}[${index}]`, value);
  });
}

/** A list of the request's; one that is absent has nothing in it. */
export function requireAtMost(field: string, values: readonly unknown[] | undefined, max: number): void {
  if (values !== undefined && values.length > max) throw invalid(field, `at most ${max}`);
}

/** Text that people write: bounded in characters as they are counted outside of JavaScript, and without control characters. */
export function requireText(field: string, value: string, limits: { min?: number; max: number }): void {
  const { min = 0, max } = limits;
  const length = value.length > 2 * max ? value.length : Array.from(value).length;
  if (length < min || length > max) throw invalid(field, `should have ${min} to ${max} characters`);
  if (/[\p{Cc}\p{Cs}]/u.test(value)) throw invalid(field, 'should have no control characters');
}

/**
 * What people are called, or call their things: shown to others beside what it is not. It may be empty, but not look so,
 * and hold nothing that is not seen or that turns what stands beside it around.
 */
export function requireName(field: string, value: string, limits: { min?: number; max: number }): void {
  requireText(field, value, limits);
  if (value === '') return;
  if (/[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u.test(value.replaceAll(JOINED, ''))) {
    throw invalid(field, 'should have no invisible characters');
  }
  // Fillers are letters to Unicode and nothing to the eye.
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(value.replaceAll(/[\u115f\u1160\u2800\u3164\uffa0]/g, ''))) {
    throw invalid(field, 'should not be blank');
  }
}

/** Of what somebody says for a reason. */
const MAX_REASON = 500;

/** Why somebody does something, for whoever reads it later in the audit trail. Trimmed; never empty, and never only for the eye. */
export function reasonFrom(field: string, value: string, max = MAX_REASON): string {
  const reason = value.trim();
  requireName(field, reason, { min: 1, max });
  return reason;
}

/** Between letters, joiners are part of how Persian and the languages of India are written. */
const JOINED = /(?<=[\p{L}\p{M}])[\u200c\u200d](?=\p{L})/gu;
