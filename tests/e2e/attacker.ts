import { setTimeout as pause } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

/**
 * One anonymous client, in a thread of its own so that only the system feels it: it asks again and again, each time a little
 * differently so that nothing is remembered, `perSecond` at the most, and counts its answers by their status.
 */
export interface Attack {
  readonly url: string;
  readonly query: string;
  readonly perSecond: number;
  readonly answers: Uint32Array;
}

const { url, query, perSecond, answers } = workerData as Attack;
const begun = performance.now();
for (let sent = 0; ; sent += 1) {
  // Its pace is what is tried: no faster than a stranger may ask.
  await pause(Math.max(0, begun + (sent * 1000) / perSecond - performance.now()));
  const { status } = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.66' },
    body: JSON.stringify({ query: `${query} # ${sent}` }),
  });
  Atomics.add(answers, status, 1);
}
