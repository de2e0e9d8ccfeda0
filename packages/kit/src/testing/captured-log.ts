import { type Log, openLog } from '../observe/log.ts';

/** A log whose lines the test reads. */
export function capturedLog(level = 'debug'): { log: Log; text: () => string; lines: () => Record<string, unknown>[] } {
  let written = '';
  const log = openLog('test', level, { write: (line) => void (written += line) });
  return {
    log,
    text: () => written,
    lines: () =>
      written
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
