import { invalid } from '@andvari/kit/base/errors';
import { decodeGlobalID } from '@pothos/plugin-relay';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What is none is no id of anything: asked for among others, it would have all of them refused. */
export function isUuid(id: string): boolean {
  return UUID.test(id);
}

/** A UUID as it is, or inside the global id of the type it belongs to: events and logs have the one, lists the other. */
export function uuidFrom(typename: string, field: string, given: string): string {
  if (UUID.test(given)) return given;
  try {
    const { typename: kind, id } = decodeGlobalID(given);
    if (kind === typename && UUID.test(id)) return id;
  } catch {
    // Falls through: whatever it was, it is no id of that.
  }
  throw invalid(field, `is not the id of ${/^[AEIOU]/.test(typename) ? 'an' : 'a'} ${typename}`);
}

export function optionalUuidFrom(typename: string, field: string, given: string | null | undefined): string {
  return given === null || given === undefined ? '' : uuidFrom(typename, field, given);
}
