import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { type LogLine, logLine } from './log-line.ts';

export interface FollowedLogs {
  add(part: string, file: string, options?: { fromStart?: boolean; quiet?: boolean }): void;
  /** Shows what was written until now. */
  flush(): void;
  stop(): void;
}

interface Followed {
  part: string;
  file: string;
  offset: number;
  rest: string;
  decoder: StringDecoder;
  quiet: boolean;
}

/**
 * Merges log files into one stream, a tick at a time, each tick in the order of the times in the lines. The parts write to files of
 * their own rather than to pipes of ours: so they can finish their last words when we are killed.
 */
export function followLogs(write: (text: string) => void, colour: boolean): FollowedLogs {
  const followed: Followed[] = [];
  const flush = () => {
    const lines = followed.flatMap((log) => readNew(log, colour));
    let last = 0;
    const timed = lines.map((line) => ({ text: line.text, time: (last = line.time ?? last) }));
    timed.sort((a, b) => a.time - b.time);
    if (timed.length > 0) write(`${timed.map((line) => line.text).join('\n')}\n`);
  };
  const timer = setInterval(flush, 100);
  return {
    add(part, file, { fromStart = true, quiet = false } = {}) {
      const offset = fromStart || !existsSync(file) ? 0 : statSync(file).size;
      followed.push({ part, file, offset, rest: '', decoder: new StringDecoder('utf8'), quiet });
    },
    flush,
    stop() {
      clearInterval(timer);
      flush();
    },
  };
}

function readNew(log: Followed, colour: boolean): LogLine[] {
  const text = readMore(log);
  if (text === '') return [];
  const lines = (log.rest + text).split('\n');
  log.rest = lines.pop() ?? '';
  const shown = lines.filter((line) => line !== '').map((line) => logLine(log.part, line, colour));
  return log.quiet ? shown.filter((line) => line.level === 'warn' || line.level === 'error') : shown;
}

/** At most 1 MB a tick and file: a part that floods its log must not stop the others from being seen. */
function readMore(log: Followed): string {
  if (!existsSync(log.file)) return '';
  const fd = openSync(log.file, 'r');
  try {
    const size = fstatSync(fd).size;
    if (size < log.offset) log.offset = 0;
    const buffer = Buffer.alloc(Math.min(size - log.offset, 1024 * 1024));
    const read = readSync(fd, buffer, 0, buffer.length, log.offset);
    log.offset += read;
    return log.decoder.write(buffer.subarray(0, read));
  } finally {
    closeSync(fd);
  }
}

/** One earlier log is kept, so that a machine that runs for weeks does not fill its disk with the past. */
export function rotate(file: string, limitBytes = 20 * 1024 * 1024): void {
  if (!existsSync(file) || statSync(file).size < limitBytes) return;
  rmSync(`${file}.1`, { force: true });
  renameSync(file, `${file}.1`);
}
