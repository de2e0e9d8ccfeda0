import { styleText } from 'node:util';
import { isRecord, type JsonRecord, parseRecord } from '@andvari/servers/record';

export interface LogLine {
  /** Milliseconds since 1970, to merge by; undefined for a line that says no time, which stays behind the one before it. */
  time: number | undefined;
  level: Level;
  text: string;
}

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One line for a human from what a part wrote: time, part, level, message, then what else there is to know. */
export function logLine(part: string, raw: string, colour: boolean): LogLine {
  const record = parseRecord(raw);
  if (record) return fromRecord(part, record, colour);
  const { level, message } = fromPlain(raw);
  return { time: undefined, level, text: layout({ part, level, message, details: '', time: undefined, colour }) };
}

function fromRecord(part: string, record: JsonRecord, colour: boolean): LogLine {
  const time = typeof record.time === 'number' ? record.time : Date.parse(text(record.time));
  const level = levelOf(record.level);
  const source = text(record.service) || part;
  const details = Object.entries(record)
    .filter(([key]) => !shownElsewhere.has(key))
    .map(([key, value]) => `${key}=${isRecord(value) && key === 'err' ? errorText(value) : text(value)}`)
    .join(' ');
  const message = text(record.msg);
  const known = Number.isFinite(time) ? time : undefined;
  const stack = isRecord(record.err) && level === 'error' ? stackOf(record.err) : '';
  return { time: known, level, text: layout({ part: source, level, message, details, time: known, colour }) + stack };
}

const shownElsewhere = new Set(['time', 'level', 'msg', 'event', 'service', 'pid', 'hostname', 'v', 'name']);

/** The infrastructure's own formats: PostgreSQL says a word, NATS three letters, Redis a sign. */
function fromPlain(raw: string): { level: Level; message: string } {
  const postgres = /^\S+ \S+ \S+ \[\d+\] (\w+): +(.*)/.exec(raw);
  if (postgres) {
    const [, word = '', message = ''] = postgres;
    const expected = /the database system is (starting up|shutting down)/.test(message);
    const level = expected ? 'debug' : /ERROR|FATAL|PANIC/.test(word) ? 'error' : word === 'WARNING' ? 'warn' : 'debug';
    return { level, message };
  }
  const nats = /^\[\d+\] \S+ \S+ \[(\w{3})\] (.*)/.exec(raw);
  if (nats) {
    const [, word = '', message = ''] = nats;
    // The password was generated for this machine and lies in a file of its owner.
    const expected = message.startsWith('Plaintext passwords');
    return { level: expected ? 'debug' : /ERR|FTL/.test(word) ? 'error' : word === 'WRN' ? 'warn' : 'debug', message };
  }
  const redis = /^\d+:\w \d+ \w+ \d+ \S+ ([.*#-]) (.*)/.exec(raw);
  // Its warnings are advice about the kernel at every start.
  if (redis) return { level: 'debug', message: redis[2] ?? '' };
  return { level: 'info', message: raw };
}

function levelOf(value: unknown): Level {
  if (typeof value === 'number') return value >= 50 ? 'error' : value >= 40 ? 'warn' : value >= 30 ? 'info' : 'debug';
  switch (value) {
    case 'fatal':
    case 'error':
      return 'error';
    case 'warn':
      return 'warn';
    case 'debug':
    case 'trace':
      return 'debug';
    default:
      return 'info';
  }
}

function layout(line: {
  part: string;
  level: Level;
  message: string;
  details: string;
  time: number | undefined;
  colour: boolean;
}): string {
  const { part, level, message, details, time, colour } = line;
  const clock = (time === undefined ? '' : clockOf(time)).padEnd(12);
  const label = level === 'info' ? '' : `${level.toUpperCase()} `;
  if (!colour) return `${clock} ${part.padEnd(10)} ${label}${message}${details && ` ${details}`}`;
  const loud = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'reset';
  return `${paint('gray', clock)} ${paint(colourOf(part), part.padEnd(10))} ${paint(loud, label + message)}${details && ` ${paint('gray', details)}`}`;
}

const two = (n: number) => String(n).padStart(2, '0');

function paint(style: Parameters<typeof styleText>[0], words: string): string {
  return words === '' || style === 'reset' ? words : styleText(style, words, { validateStream: false });
}

function clockOf(time: number): string {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const colours = [
  'cyan',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'greenBright',
  'magentaBright',
  'blueBright',
] as const;

function colourOf(part: string): (typeof colours)[number] {
  const sum = Buffer.from(part).reduce((total, byte) => total + byte, 0);
  return colours[sum % colours.length] ?? 'cyan';
}

function errorText(error: JsonRecord): string {
  return [text(error.type ?? error.name), text(error.message)].filter(Boolean).join(': ');
}

function stackOf(error: JsonRecord): string {
  const frames = text(error.stack).split('\n').slice(1, 7);
  return frames.map((frame) => `\n${' '.repeat(13)}${frame}`).join('');
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
