/** What is known of an action before it has its place in the chain. */
export interface Action {
  readonly eventId: string;
  /** The service that reported it. */
  readonly source: string;
  readonly occurredAtUs: bigint;
  /** A user id, `service:` and a name, or `anonymous`. */
  readonly actor: string;
  /** `auth.login.succeeded` */
  readonly action: string;
  /** `session/…` */
  readonly entity: string;
  readonly result: string;
  readonly traceId: string;
  /** Ids, numbers and words from closed sets: nothing that would have to be erased. */
  readonly details: Readonly<Record<string, string>>;
  readonly personal: Personal | undefined;
}

/** What has to go when the user goes. Kept beside the chain, which holds only a commitment to it. */
export interface Personal {
  /** Whose it is; empty where nobody knows. */
  readonly ofUser: string;
  readonly address: string;
  readonly userAgent: string;
  /** Why, in the words of whoever did it; empty where nobody was asked. */
  readonly reason: string;
}

export interface KeptPersonal extends Personal {
  /** Without it nobody can find out an erased address by trying all there are. Hex. */
  readonly salt: string;
}

/** A row of the chain. Hashes are in hex. */
export interface Entry extends Omit<Action, 'personal' | 'details'> {
  readonly sequence: bigint;
  /** As JSON, exactly as it is stored. */
  readonly details: string;
  /** Whose personal part there is, or was; empty where there is none or nobody knows whose. */
  readonly personalOf: string;
  /** Empty where there never was a personal part. */
  readonly commitment: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Where a chain ends. */
export interface Link {
  readonly sequence: bigint;
  readonly hash: string;
}

export const GENESIS: Link = { sequence: 0n, hash: '0'.repeat(64) };

/** SHA-256 over the UTF-8 of a text, in hex. */
export type Sha256 = (text: string) => string;

export function entryAfter(last: Link, action: Action, salt: string, sha256: Sha256): Entry {
  const { personal, details, ...fields } = action;
  const entry = {
    ...fields,
    details: JSON.stringify(details),
    sequence: last.sequence + 1n,
    personalOf: personal?.ofUser ?? '',
    commitment: personal === undefined ? '' : commitmentTo({ ...personal, salt }, sha256),
    previousHash: last.hash,
    hash: '',
  };
  return { ...entry, hash: hashOf(entry, sha256) };
}

/**
 * A JSON array of strings, in this order: no two different entries are written the same way. The format is named first, so
 * that a later one cannot be taken for it.
 */
export function hashOf(entry: Entry, sha256: Sha256): string {
  return sha256(
    JSON.stringify([
      'andvari.audit.1',
      entry.previousHash,
      entry.sequence.toString(),
      entry.eventId,
      entry.source,
      entry.occurredAtUs.toString(),
      entry.actor,
      entry.action,
      entry.entity,
      entry.result,
      entry.traceId,
      entry.details,
      entry.personalOf,
      entry.commitment,
    ]),
  );
}

/** Without a reason as before there were any, so that older commitments hold. */
export function commitmentTo({ salt, ofUser, address, userAgent, reason }: KeptPersonal, sha256: Sha256): string {
  const parts =
    reason === ''
      ? ['andvari.audit.personal.1', salt, ofUser, address, userAgent]
      : ['andvari.audit.personal.2', salt, ofUser, address, userAgent, reason];
  return sha256(JSON.stringify(parts));
}
