export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: { labels: Readonly<Record<string, string>>; value: number; at: number } | undefined;
}
export interface Family {
  readonly type: string;
  readonly samples: Sample[];
}

/** Suffixes that samples of a type may have, by OpenMetrics 1.0; a name without one is the empty suffix. */
const suffixesOf: Record<string, readonly string[]> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  summary: ['', '_count', '_sum', '_created'],
  unknown: [''],
};

/** Reads OpenMetrics 1.0 and refuses whatever it does not allow: what a lenient reader passes over, Prometheus may drop. */
export function parseOpenMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n# EOF\n')) throw new Error('the end is not # EOF and a line feed');
  const families = new Map<string, Family>();
  let current: [name: string, Family] | undefined;
  const helped = new Set<string>();
  for (const [at, line] of text.slice(0, -'\n# EOF\n'.length).split('\n').entries()) {
    const wrong = (why: string): Error => new Error(`line ${at + 1}, ${why}: ${line}`);
    const [, keyword, named = '', rest = ''] = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (helped.has(named)) throw wrong('a second HELP');
      helped.add(named);
    } else if (keyword === 'TYPE') {
      if (families.has(named)) throw wrong('a second TYPE');
      if (suffixesOf[rest] === undefined) throw wrong('a type that there is not');
      if (rest === 'counter' && named.endsWith('_total')) throw wrong('a counter is called without its suffix');
      current = [named, { type: rest, samples: [] }];
      families.set(...current);
    } else if (line.startsWith('#') || line === '') throw wrong('neither a sample nor its description');
    else {
      if (current === undefined) throw wrong('a sample before its TYPE');
      const sample = sampleFrom(line, wrong);
      const suffix = sample.name.startsWith(current[0]) ? sample.name.slice(current[0].length) : undefined;
      if (suffix === undefined || suffixesOf[current[1].type]?.includes(suffix) !== true)
        throw wrong('not of this family');
      const mayPoint = suffix === '_bucket' || suffix === '_total';
      if (sample.exemplar !== undefined && !mayPoint) throw wrong('an exemplar where none may be');
      current[1].samples.push(sample);
    }
  }
  for (const [name, family] of families) requireBuckets(name, family);
  return families;
}

const LABELS = String.raw`\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\}))?)*)\}`;
const NUMBER = String.raw`([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|Inf|NaN))`;
const SAMPLE = new RegExp(
  String.raw`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:${LABELS})? ${NUMBER}(?: # ${LABELS} ${NUMBER} ${NUMBER})?$`,
  'i',
);

function sampleFrom(line: string, wrong: (why: string) => Error): Sample {
  const [, name, labels = '', value = '', pointed, seen = '', at = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw wrong('not a sample');
  const exemplar =
    pointed === undefined
      ? undefined
      : { labels: labelsFrom(pointed, wrong), value: numberFrom(seen), at: numberFrom(at) };
  const length = Object.entries(exemplar?.labels ?? {}).reduce((sum, [key, text]) => sum + key.length + text.length, 0);
  if (length > 128) throw wrong('an exemplar longer than 128 characters');
  return { name, labels: labelsFrom(labels, wrong), value: numberFrom(value), exemplar };
}

function labelsFrom(text: string, wrong: (why: string) => Error): Record<string, string> {
  const found = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, key = '', value = '']) => [key, value] as const,
  );
  const labels = Object.fromEntries(found);
  if (Object.keys(labels).length !== found.length) throw wrong('a label twice');
  return labels;
}

function numberFrom(text: string): number {
  if (/inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(/nan/i.test(text) ? Number.NaN : text);
}

function seriesOf({ labels }: Sample): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'le')
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );
}

/** Of each series: buckets that grow, the last without an end and equal to the count; an exemplar lies within its bucket. */
function requireBuckets(name: string, { type, samples }: Family): void {
  if (type !== 'histogram') return;
  const series = Map.groupBy(samples, seriesOf);
  for (const [labels, of] of series) {
    const buckets = of.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = '' } }) => numberFrom(le));
    const ends =
      bounds.at(-1) === Infinity && buckets.at(-1)?.value === of.find((it) => it.name === `${name}_count`)?.value;
    const grows = buckets.every(
      ({ value }, at) =>
        at === 0 || (value >= (buckets[at - 1]?.value ?? 0) && (bounds[at] ?? 0) > (bounds[at - 1] ?? 0)),
    );
    const within = buckets.every(({ exemplar }, at) => exemplar === undefined || exemplar.value <= (bounds[at] ?? 0));
    if (!ends || !grows || !within) throw new Error(`${name}${labels} has buckets that are none`);
  }
}
