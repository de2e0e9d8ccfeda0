/** What ts-proto makes of a message, as far as events need it. */
export interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(input: Uint8Array): T;
}

/** One kind of event: where it goes and how it is written. The constants are generated from the contracts. */
export interface EventType<T> {
  /** The message's full name, the `ce-type` of the event: `andvari.user.v1.ProfileUpdated`. */
  readonly type: string;
  /** The JetStream stream that keeps it. */
  readonly stream: string;
  /** The subject with its variables in braces: `user.profile.updated.{user_id}`. */
  readonly subject: string;
  readonly codec: Codec<T>;
}
