import { randomInt } from 'node:crypto';
import { isPortFree } from './free-port.ts';

/** More than there are workers. */
const STEP = 8;
/** Below those that systems give to whoever asks for any. */
const [FIRST, COUNT] = [12_000, 2_500];
const ours = Number(process.env['VITEST_POOL_ID'] ?? 0) % STEP;
let last = randomInt(COUNT);

/**
 * For tests: a free port of this worker alone. A service listens seconds after its port was chosen, and files that run beside each
 * other would choose the same one now and then.
 */
export async function ownPort(): Promise<number> {
  for (let tried = 0; tried < COUNT; tried++) {
    last = (last + 1) % COUNT;
    const port = FIRST + last * STEP + ours;
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no port of worker ${ours} is free`);
}
