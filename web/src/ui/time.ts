import { currentLocale } from './number.ts';

/** Times for the eye: in the reader's zone, relative only under an hour. The day has 24 hours everywhere, so that a column of times lines up. */
export const clockTime = (iso: string): string =>
  shown(iso, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
export const day = (iso: string): string => shown(iso, { dateStyle: 'medium' });
export const dayAndTime = (iso: string): string =>
  shown(iso, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
export const exactTime = (iso: string): string =>
  shown(iso, { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' });

/**
 * When a date begins where the reader is, as times are shown to them. Where clocks are put forward at midnight it is the first moment
 * that there is; where they are put back to it, the first of the two.
 */
export const startOfDay = (date: string): string => new Date(`${date}T00:00:00`).toISOString();

/** A date as an address holds it. A day that its month does not have is not one of the next month's. */
export function isDay(text: string): boolean {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Of "2026-11": "November 2026". */
export const monthName = (month: string): string =>
  shown(`${month}-15T12:00:00Z`, { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** Of a date without a time: "Fri 27 Nov". */
export const weekday = (date: string): string =>
  shown(`${date}T12:00:00Z`, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

/** Time alone today, with its day this year, with its year before: what is the same for all is not repeated in each row. */
export function when(iso: string, nowMs = Date.now()): string {
  const [at, now] = [new Date(iso), new Date(nowMs)];
  if (at.toDateString() === now.toDateString()) return clockTime(iso);
  if (at.getFullYear() !== now.getFullYear()) return dayAndTime(iso);
  return shown(iso, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** To the second: of what happened one after the other; with its day where that is not today, and with its year before this one. */
export function moment(iso: string, nowMs = Date.now()): string {
  const [at, now] = [new Date(iso), new Date(nowMs)];
  if (at.toDateString() === now.toDateString()) return clockTime(iso);
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const };
  return shown(iso, { ...year, month: 'short', day: 'numeric', ...time });
}

/** The time, and its weekday before where that is not the day of `now`. */
export function timeOrDay(iso: string, now: string): string {
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const isSameDay = new Date(iso).toDateString() === new Date(now).toDateString();
  return shown(iso, isSameDay ? time : { weekday: 'short', ...time });
}

/** In the words of the page, which are English; a date is in the reader's notation. */
export function ago(iso: string, nowMs = Date.now()): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1000));
  if (seconds >= 3600) return dayAndTime(iso);
  return seconds < 60 ? relative.format(-seconds, 'second') : relative.format(-Math.round(seconds / 60), 'minute');
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

export const inZone = (iso: string, timeZone: string): string =>
  shown(iso, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone, timeZoneName: 'short' });

function shown(iso: string, options: Intl.DateTimeFormatOptions): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? '–' : formatter(options).format(time);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** To make one takes fifty times as long as to use it. */
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = currentLocale() + JSON.stringify(options);
  let found = formatters.get(key);
  if (found === undefined) formatters.set(key, (found = new Intl.DateTimeFormat(currentLocale(), options)));
  return found;
}
