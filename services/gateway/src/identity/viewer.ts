/** Who a request comes from. */
export type Viewer = Anonymous | SignedIn;

export interface Anonymous {
  readonly kind: 'anonymous';
}

export interface SignedIn {
  readonly kind: 'session' | 'api_key';
  readonly userId: string;
  /** Empty for an API key. */
  readonly sessionId: string;
  /** Empty for a session. */
  readonly apiKeyId: string;
  /** How much its API key may order in a day, where it has such a limit. */
  readonly apiKeyDailyCap?: bigint | undefined;
  /** When the password was last typed for the session; what is hard to undo asks for a recent time. */
  readonly authenticatedAtUs: bigint | undefined;
  readonly rights: Rights;
  /** When the credential has to be shown anew, in milliseconds since the epoch; a stream ends then. */
  readonly untilMs: number;
}

/** Unknown is not the same as none: security could not be asked. */
export type Rights =
  | {
      readonly known: true;
      readonly permissions: ReadonlySet<string>;
      /** The same as services are told them. */
      readonly scopes: string[];
      readonly rolesVersion: bigint;
    }
  | { readonly known: false };

export function rightsOf(permissions: Iterable<string>, rolesVersion: bigint): Extract<Rights, { known: true }> {
  const distinct = new Set(permissions);
  return { known: true, permissions: distinct, scopes: [...distinct], rolesVersion };
}

export const anonymous: Anonymous = { kind: 'anonymous' };

/** Whether the viewer may do this to what `ownerId` owns. Services check it a second time, row by row. */
export function may(viewer: Viewer, permission: string, ownerId?: string): boolean {
  if (viewer.kind === 'anonymous' || !viewer.rights.known) return false;
  const { permissions } = viewer.rights;
  return permissions.has(permission) || (ownerId === viewer.userId && permissions.has(`${permission}:own`));
}

/** What an API key may do: what its owner may, as far as its scopes go. */
export function intersection(permissions: ReadonlySet<string>, scopes: readonly string[]): Set<string> {
  const granted = new Set(scopes);
  return new Set([
    ...[...permissions].filter((permission) => covers(granted, permission)),
    ...scopes.filter((scope) => covers(permissions, scope)),
  ]);
}

function covers(wider: ReadonlySet<string>, permission: string): boolean {
  return wider.has(permission) || (permission.endsWith(OWN) && wider.has(permission.slice(0, -OWN.length)));
}

const OWN = ':own';
