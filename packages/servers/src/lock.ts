import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isRecord, parseRecord } from './record.ts';
import { commandLine } from './running.ts';
import { until } from './until.ts';

/**
 * One process at a time, across processes. The file holds pid and command line of its owner, so a lock left by a killed process,
 * even one whose number lives on in another, is taken over.
 */
export function tryLock(path: string): { release(): void } | undefined {
  if (ownerOf(path) === undefined && existsSync(path)) {
    // Renamed first, so that of two who find the same dead lock only one removes it.
    const stale = `${path}.${process.pid}.stale`;
    try {
      renameSync(path, stale);
      rmSync(stale, { force: true });
    } catch {
      return undefined;
    }
  }
  // Linked into place complete, so that nobody ever reads half an owner.
  const mine = `${path}.${process.pid}.new`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, command: commandLine(process.pid) }));
  try {
    linkSync(mine, path);
  } catch (error) {
    if (isRecord(error) && error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

export function ownerOf(path: string): number | undefined {
  try {
    const owner = parseRecord(readFileSync(path, 'utf8'));
    if (typeof owner?.pid !== 'number') return undefined;
    return commandLine(owner.pid) === owner.command ? owner.pid : undefined;
  } catch {
    return undefined;
  }
}

export async function withLock<T>(path: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
  const lock = await until(() => tryLock(path), { deadlineMs, everyMs: 50, what: `Waiting for ${path}` });
  try {
    return await work();
  } finally {
    lock.release();
  }
}
