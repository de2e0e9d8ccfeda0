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

/** Text that people write: bounded, and without control characters. */
export function requireText(field: string, value: string, limits: { min?: number; max: number }): void {
  const { min = 0, max } = limits;
  if (value.length < min || value.length > max) throw invalid(field, `should have ${min} to ${max} characters`);
  if (/[\p{Cc}\p{Cs}]/u.test(value)) throw invalid(field, 'should have no control characters');
}
