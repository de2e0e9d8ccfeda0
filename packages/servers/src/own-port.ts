import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { isPortFree } from './free-port.ts';
import { commandLine } from './running.ts';

/** Below those that systems give to whoever asks for any. */
const [FIRST, COUNT] = [12_000, 20_000];
/** A file for each port that a process has chosen, with that process in it. */
const claims = join(tmpdir(), `andvari-own-ports-${userInfo().uid}`);
const ours: string[] = [];
let last = randomInt(COUNT);

process.once('exit', () => ours.forEach((file) => rmSync(file, { force: true })));

/**
 * A free port that is this process's alone. A service listens seconds after its port was chosen: files of tests that run beside each
 * other would choose the same one now and then, and any connection may get one of those that the system gives.
 */
export async function ownPort(): Promise<number> {
  if (ours.length === 0) dropLeftovers();
  for (let tried = 0; tried < COUNT; tried++) {
    last = (last + 1) % COUNT;
    const port = FIRST + last;
    if (claim(port) && (await isPortFree(port))) return port;
  }
  throw new Error('no port is free');
}

function claim(port: number): boolean {
  const file = join(claims, `${port}`);
  try {
    writeFileSync(file, `${process.pid}`, { flag: 'wx' });
    ours.push(file);
    return true;
  } catch {
    return false;
  }
}

/** Whoever is killed takes back nothing that it has claimed. */
function dropLeftovers(): void {
  mkdirSync(claims, { recursive: true });
  const files = readdirSync(claims).map((port) => join(claims, port));
  for (const file of files) if (!isHeld(file)) rmSync(file, { force: true });
}

function isHeld(file: string): boolean {
  try {
    const holder = readFileSync(file, 'utf8');
    return holder === '' || commandLine(Number(holder)) !== undefined;
  } catch {
    // Given back just now, as one without a name was taken just now.
    return true;
  }
}
