/** A key pair's place in time; the keys themselves are none of this file's business. */
export interface RingKey {
  readonly keyId: string;
  /** Signs from here on, until the next one does. */
  readonly activeFromUs: bigint;
}

export interface KeyPolicy {
  readonly rotateEveryUs: bigint;
  /** How long a key is published before it signs, so that every verifier knows it by then. */
  readonly publishAheadUs: bigint;
  /** How long a key stays published after its last signature: the life of a token and some drift of clocks. */
  readonly overlapUs: bigint;
}

export interface KeyRing<K extends RingKey> {
  readonly signing: K | undefined;
  readonly published: readonly K[];
  /** No token that it signed can be alive. */
  readonly retired: readonly K[];
  /** From when a further key has to sign, where it is time to make one. */
  readonly nextFromUs: bigint | undefined;
}

export function keyRing<K extends RingKey>(keys: readonly K[], policy: KeyPolicy, atUs: bigint): KeyRing<K> {
  const byAge = keys.toSorted((a, b) => (a.activeFromUs < b.activeFromUs ? -1 : 1));
  const isRetired = (_: K, index: number): boolean => {
    const successor = byAge[index + 1];
    return successor !== undefined && atUs >= successor.activeFromUs + policy.overlapUs;
  };
  return {
    signing: byAge.findLast(({ activeFromUs }) => activeFromUs <= atUs),
    published: byAge.filter((key, index) => !isRetired(key, index)),
    retired: byAge.filter(isRetired),
    nextFromUs: nextFrom(byAge.at(-1), policy, atUs),
  };
}

/** The first key signs at once: nobody has another one to verify with. */
function nextFrom(newest: RingKey | undefined, policy: KeyPolicy, atUs: bigint): bigint | undefined {
  if (newest === undefined) return atUs;
  const dueUs = newest.activeFromUs + policy.rotateEveryUs;
  const soonestUs = atUs + policy.publishAheadUs;
  return soonestUs < dueUs ? undefined : soonestUs;
}
