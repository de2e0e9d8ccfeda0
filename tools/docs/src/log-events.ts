import type { Source } from './sources.ts';

/** One call of the log: its stable code, and the sentence that people read beside it. */
export interface LogEvent {
  readonly event: string;
  readonly level: string;
  readonly message: string;
  /** Which service says it, or which room of the kit, and so every service that has one. */
  readonly saidBy: string;
}

/** Every call of the log in the sources, in their order. A call without a code has an empty one. */
export function logEventsIn(sources: readonly Source[]): LogEvent[] {
  return sources.flatMap((source) => [...callsIn(source), ...troublesIn(source)]);
}

function callsIn({ path, text }: Source): LogEvent[] {
  // What it writes is written by those who open one, and found there.
  if (path.endsWith('/log-trouble.ts')) return [];
  return [...text.matchAll(/\blog\??\.(trace|debug|info|warn|error|fatal)\(/g)].map((match) => {
    const call = argumentsFrom(text, match.index + match[0].length);
    const event = /^\s*\{\s*event: '([^']*)'/.exec(call)?.[1] ?? '';
    return { event, level: match[1] ?? '', message: lastText(call), saidBy: speakerOf(path) };
  });
}

/** A trouble has two codes: one for the failure, however long it lasts, and one for its end. */
function troublesIn({ path, text }: Source): LogEvent[] {
  const opened = [...text.matchAll(/\blogTrouble\((?!\s*log: Log)/g)].filter(() => !path.endsWith('/log-trouble.ts'));
  return opened.flatMap((match) => {
    const call = argumentsFrom(text, match.index + match[0].length);
    const event = /\bevent: '([^']*)'/.exec(call)?.[1] ?? '';
    const message = /\bmessage: '([^']*)'/.exec(call)?.[1] ?? '';
    const level = /\blevel: '([^']*)'/.exec(call)?.[1] ?? 'warn';
    const saidBy = speakerOf(path);
    return [
      { event, level, message, saidBy },
      { event: `${event}_over`, level: 'info', message: `${message}: over`, saidBy },
    ];
  });
}

/** The text between the parenthesis before `start` and the one that closes it. */
function argumentsFrom(text: string, start: number): string {
  let depth = 1;
  let quote = '';
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (quote !== '') {
      if (sign === '\\') at += 1;
      else if (sign === quote) quote = '';
    } else if (`'"\``.includes(sign)) quote = sign;
    else if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign)) {
      depth -= 1;
      if (depth === 0) return text.slice(start, at);
    }
  }
  return text.slice(start);
}

function lastText(call: string): string {
  const texts = [...call.matchAll(/'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)];
  const last = texts.at(-1);
  return (last?.[1] ?? last?.[2] ?? '').replaceAll(/\$\{[^}]*\}/g, '…');
}

function speakerOf(path: string): string {
  const [top, name, , room] = path.split('/');
  return top === 'services' ? (name ?? '') : `kit ${room ?? ''}`;
}

/** What is wrong with the codes; nothing where each is in snake_case and of one call. */
export function problemsOf(events: readonly LogEvent[]): string[] {
  const seen = Map.groupBy(events, ({ event }) => event);
  return [...seen].flatMap(([event, calls]) => [
    ...(/^[a-z]+(_[a-z]+)*$/.test(event) ? [] : [`no code in snake_case: ${event} "${calls[0]?.message}"`]),
    ...(calls.length === 1 ? [] : [`${calls.length} calls say ${event}`]),
  ]);
}

export function logEventsPage(events: readonly LogEvent[]): string {
  const rows = events
    .toSorted((one, other) => (one.event < other.event ? -1 : 1))
    .map(({ event, level, saidBy, message }) => `| \`${event}\` | ${level} | ${saidBy} | ${message} |`);
  return [
    '# Events in the log',
    '',
    'Written from the code by `make gen`; the calls are the place to change it.',
    '',
    'Every line of a log has a field `event`, a code that stays when the sentence beside it is put better: search and alert by it. What a',
    'room of the kit says, every service may say. A trouble that lasts is told once, then once a minute with the same code, and its end',
    'under the code with `_over`.',
    '',
    '| event | level | said by | message |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
