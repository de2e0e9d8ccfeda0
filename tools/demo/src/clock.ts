import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from './gateway.ts';

const LOOK_EVERY_MS = 1000;

interface Clock {
  now: string;
  state: string;
  nextOpen: string | null;
  nextClose: string | null;
}

const CLOCK = '{ marketClock { now state nextOpen nextClose } }';

const said: Record<string, string> = {
  PRE: 'orders gather before the open',
  REGULAR: 'the market is open',
  AFTER: 'it has closed; orders for the day have ended',
  CLOSED: 'it is closed',
};

/** Ends the process with a word on what to do when the market's time passes as slowly as everybody's. */
export async function expectSpeed(session: Session, speed: number): Promise<void> {
  const [before, startedAt] = [await clockOf(session), performance.now()];
  await pause(LOOK_EVERY_MS);
  const [after, seconds] = [await clockOf(session), (performance.now() - startedAt) / 1000];
  const passed = (Date.parse(after.now) - Date.parse(before.now)) / 1000;
  // Where a day has just ended its night is left out, and more has passed than that.
  if (passed > (speed * seconds) / 2) return;
  console.error(`The system that runs does not play its days. End it (make down), then: make demo SPEED=${speed}`);
  process.exit(1);
}

/** Says when sessions begin and end, until the signal. */
export async function tellOfSessions(session: Session, signal: AbortSignal): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const clock = await clockOf(session).catch(() => undefined);
    if (clock !== undefined && clock.state !== last) {
      last = clock.state;
      console.log(`${clock.now.slice(0, 16).replace('T', ' ')} UTC in the market: ${said[last] ?? last}.`);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function clockOf(session: Session): Promise<Clock> {
  return (await session.ask<{ marketClock: Clock }>(CLOCK)).marketClock;
}
