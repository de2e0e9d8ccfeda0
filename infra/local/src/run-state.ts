import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerOf, tryLock } from '@andvari/servers/lock';
import { isRecord, parseRecord } from '@andvari/servers/record';

export type PartState = 'starting' | 'ready' | 'restarting' | 'failed';

export interface Part {
  name: string;
  kind: 'infrastructure' | 'service';
  state: PartState;
  pid?: number;
  port?: number;
  adminPort?: number;
  version?: string;
  choice: string;
  log?: string;
  /** In the command line of the process behind `pid`: without it that number is somebody else's by now. */
  mark?: string;
}

/** What a running launcher says about itself, for `status`, `down` and a second `up`. It holds no secret. */
export interface RunState {
  pid: number;
  phase: 'starting' | 'ready' | 'stopping';
  topology: Topology;
  parts: Part[];
}

export type Topology = 'processes' | 'single';

const folderOf = (home: string) => join(home, 'run');
const fileOf = (home: string) => join(folderOf(home), 'launcher.json');
const lockOf = (home: string) => join(folderOf(home), 'lock');

/** One launcher a checkout. Undefined when another holds it. */
export function claim(home: string): { release(): void } | undefined {
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
  return tryLock(lockOf(home));
}

/** The pid of the launcher that runs now. */
export function runningLauncher(home: string): number | undefined {
  return ownerOf(lockOf(home));
}

export function saveState(home: string, state: RunState): void {
  const next = `${fileOf(home)}.${process.pid}`;
  writeFileSync(next, JSON.stringify(state, null, 2));
  renameSync(next, fileOf(home));
}

export function clearState(home: string): void {
  rmSync(fileOf(home), { force: true });
}

/** The state of the launcher that runs now, or of one that was killed: `runningLauncher` tells which. */
export function readState(home: string): RunState | undefined {
  try {
    const state = parseRecord(readFileSync(fileOf(home), 'utf8'));
    return isState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

function isState(value: unknown): value is RunState {
  return isRecord(value) && typeof value.pid === 'number' && Array.isArray(value.parts) && value.parts.every(isPart);
}

function isPart(value: unknown): value is Part {
  return isRecord(value) && typeof value.name === 'string' && typeof value.choice === 'string';
}
