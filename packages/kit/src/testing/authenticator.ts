import { createHmac } from 'node:crypto';

interface Clock {
  /** Microseconds since the epoch. */
  now(): bigint;
}

/** What somebody has on their device, by RFC 6238 and not by the code that it is shown to. */
export class Authenticator {
  readonly #secret: Buffer;
  readonly #clock: Clock;
  constructor(base32Secret: string, clock: Clock) {
    let bits = '';
    for (const letter of base32Secret)
      bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
    this.#secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
    this.#clock = clock;
  }

  /** Its bytes, a character each. */
  get secret(): string {
    return this.#secret.toString('latin1');
  }

  /** The code that the device shows now, or so many steps of half a minute later. */
  code(stepsLater = 0): string {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(this.#clock.now() / 30_000_000n + BigInt(stepsLater));
    const digest = createHmac('sha1', this.#secret).update(counter).digest();
    const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }

  /** Right in no step near this one. */
  wrongCode(): string {
    const near = [-2, -1, 0, 1, 2].map((step) => this.code(step));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
  }
}
