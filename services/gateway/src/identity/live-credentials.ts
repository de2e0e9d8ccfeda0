/**
 * What hangs on a credential and ends with it: event streams and sockets. A revoked session, a revoked key or changed
 * roles end them at once; whoever still may opens them anew and goes on where they were.
 */
export class LiveCredentials {
  readonly #holders = new Map<string, Set<AbortController>>();

  /** Ties `controller` to the credentials until the returned function unties it. */
  hold(keys: readonly string[], controller: AbortController): () => void {
    for (const key of keys) {
      const holders = this.#holders.get(key) ?? new Set();
      holders.add(controller);
      this.#holders.set(key, holders);
    }
    return () => {
      for (const key of keys) {
        const holders = this.#holders.get(key);
        holders?.delete(controller);
        if (holders?.size === 0) this.#holders.delete(key);
      }
    };
  }

  end(key: string): void {
    for (const controller of this.#holders.get(key) ?? []) controller.abort(new Error('the credential has ended'));
  }

  count(key: string): number {
    return this.#holders.get(key)?.size ?? 0;
  }
}

export const sessionKey = (sessionId: string): string => `session ${sessionId}`;
export const apiKeyKey = (apiKeyId: string): string => `api key ${apiKeyId}`;
export const userKey = (userId: string): string => `user ${userId}`;
