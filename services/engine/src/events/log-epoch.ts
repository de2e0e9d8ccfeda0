import type { Nats } from '@andvari/kit/nats/nats';

/**
 * Tells a log of commands from one that was made anew under its name, whose sequences begin again: the millisecond it was created in, which the
 * server keeps with it. Every process that reads the same log finds the same.
 */
export async function logEpoch(nats: Nats): Promise<string> {
  return (await lookAtLog(nats)).epoch;
}

/** `last`: the newest command's number, or of that which was purged last. */
export async function lookAtLog({ jsm }: Nats): Promise<{ epoch: string; last: number }> {
  const { created, state } = await jsm.streams.info('COMMANDS');
  return { epoch: Date.parse(created).toString(36), last: state.last_seq };
}
