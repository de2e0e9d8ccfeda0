import type { Nats } from '@andvari/kit/nats/nats';

/**
 * Tells a log of commands from one that was made anew under its name, whose sequences begin again: the millisecond it was created in, which the
 * server keeps with it. Every process that reads the same log finds the same.
 */
export async function logEpoch({ jsm }: Nats): Promise<string> {
  const { created } = await jsm.streams.info('COMMANDS');
  return Date.parse(created).toString(36);
}
