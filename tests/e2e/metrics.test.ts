import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type System, startSystem, tradingServices } from './system.ts';

/** What rules and dashboards ask for is what the services say: every metric, and every label that they sort by. */
let system: System;
let said: Map<string, Map<string, Set<string>>>;

beforeAll(async () => {
  system = await startSystem(tradingServices);
  const browser = system.browser();
  await browser.ask('{ me { id } }');
  await browser.ask('{ health }');
  said = saidIn(await Promise.all(tradingServices.map((name) => system.metrics(name))));
}, 120_000);
afterAll(() => system.close());

/** Of others: the scrape's own, and exporters of servers and machines; and what is said only where TLS is on. */
const OTHERS =
  /^(cert_expiry_timestamp_seconds$|up|ALERTS|scrape_|node_|pg_|redis_|gnatsd_|nats_(?!connected|reconnects)|jetstream_|slo:|nodejs_|process_)/;
/** Labels that whoever scrapes adds. */
const FROM_THE_SCRAPE = new Set(['job', 'instance', 'service', 'le', 'quantile']);
const FUNCTIONS = new Set(
  'sum max min avg count rate increase by on without and or unless vector absent time changes deriv histogram_quantile label_replace clamp_max clamp_min ignoring group_left group_right bool topk quantile irate delta avg_over_time max_over_time sum_over_time'.split(
    ' ',
  ),
);

const expressions = [
  ...expressionsIn('infra/monitoring/prometheus'),
  ...expressionsIn('infra/monitoring/grafana/dashboards'),
];

test('there are expressions to look at', () => {
  expect(expressions.length).toBeGreaterThan(100);
  expect(said.size).toBeGreaterThan(80);
});

test('every metric that is asked for is said by a service', () => {
  const unknown = expressions.flatMap((expr) =>
    namesIn(expr).filter((name) => !said.has(familyOf(name)) && !OTHERS.test(name)),
  );
  expect([...new Set(unknown)]).toEqual([]);
});

test('every label that is asked for is one of its metric', () => {
  const unknown = expressions.flatMap((expr) =>
    matchersIn(expr).flatMap(({ metric, label }) => {
      const labels = said.get(familyOf(metric));
      // A metric of which nothing has happened yet has no labels to show.
      if (labels === undefined || labels.size === 0 || FROM_THE_SCRAPE.has(label)) return [];
      return labels.has(label) ? [] : [`${metric}{${label}}`];
    }),
  );
  expect([...new Set(unknown)]).toEqual([]);
});

describe('the promises', () => {
  test('are measured by outcomes that operations have', () => {
    const asked = expressions.flatMap((expr) => [...expr.matchAll(/outcome!?="(\w+)"/g)].map(([, value]) => value));
    expect(new Set(asked)).toEqual(new Set(['failed', 'invalid', 'succeeded']));
    const graphql = said.get('graphql_operation_duration_seconds')?.get('outcome');
    expect([...(graphql ?? [])].filter((value) => !['ok', 'invalid', 'refused', 'failed'].includes(value))).toEqual([]);
  });
});

/** Each metric with its labels and the values they have; those that are told of by their kind alone, without. */
function saidIn(scrapes: readonly string[]): Map<string, Map<string, Set<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const line of scrapes.flatMap((scrape) => scrape.split('\n'))) {
    const [, declared] = /^# TYPE (\S+)/.exec(line) ?? [];
    if (declared !== undefined) found.set(declared, found.get(declared) ?? new Map());
    const [, name, labels = ''] = /^([a-z_]\w*)(?:\{(.*)\})? /i.exec(line) ?? [];
    if (name === undefined || line.startsWith('#')) continue;
    const of = found.get(familyOf(name)) ?? new Map<string, Set<string>>();
    found.set(familyOf(name), of);
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      of.set(label, (of.get(label) ?? new Set()).add(value));
    }
  }
  return found;
}

function familyOf(name: string): string {
  return name.replace(/_(bucket|count|sum)$/, '');
}

function expressionsIn(folder: string): string[] {
  const path = join(checkoutRoot, folder);
  return readdirSync(path).flatMap((file) => {
    const text = readFileSync(join(path, file), 'utf8');
    const found = file.endsWith('.json')
      ? text.matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)
      : text.matchAll(/^\s*expr: (.*)$/gm);
    return [...found].map(([, expr = '']) =>
      file.endsWith('.json') ? String(JSON.parse(expr)) : expr.replace(/^(['"])(.*)\1$/, '$2'),
    );
  });
}

/** Every name of an expression that is a metric: not a function, a label of a grouping, or in quotes or braces. */
function namesIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  return [...bare.matchAll(/[a-z_][\w:]*/gi)]
    .map(([name]) => name)
    .filter((name) => !FUNCTIONS.has(name) && !/^\d/.test(name));
}

/** The labels that a metric is matched by, and those that it is grouped by where the expression has one metric. */
function matchersIn(expr: string): { metric: string; label: string }[] {
  const matched = [...expr.matchAll(/([a-z_]\w*)\{([^}]*)\}/gi)].flatMap(([, metric = '', inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => ({ metric, label })),
  );
  const [metric, ...others] = [...new Set(namesIn(expr))];
  if (metric === undefined || others.length > 0) return matched;
  const grouped = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((label) => ({ metric, label: label.trim() }))
      .filter(({ label }) => label !== ''),
  );
  return [...matched, ...grouped];
}
