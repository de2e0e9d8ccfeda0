import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool } from '@andvari/get/find-tool';
import { eventually } from '@andvari/kit/testing/eventually';
import { checkoutRoot } from '@andvari/servers/data-home';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useMarket } from './market.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { tradingServices } from './system.ts';
import { holderOf, place, type Trader } from './traders.ts';

/**
 * What rules and dashboards ask for is what the services say: every metric, every label that they sort by; and each
 * expression, asked of a real Prometheus that scrapes the services while somebody trades, says something. One that asks for a
 * label that is none, or joins what has nothing in common, says nothing, and nobody notices before the night when it is needed.
 */
const monitoring = join(checkoutRoot, 'infra/monitoring');
const program = findTool('prometheus');

/** What says nothing here, and why it may. */
const SILENT: Readonly<Record<string, string>> = {
  CertificateEnds:
    'services say when their certificate ends only where they have one; rpc-tls.test.ts sees them say it',
};

const market = useMarket({ AAPL: 190 });
let said: Map<string, Map<string, Set<string>>>;

beforeAll(async () => {
  const browser = market.system.browser();
  await browser.ask('{ me { id } }');
  await browser.ask('{ health }');
  said = saidIn(await Promise.all(tradingServices.map((name) => market.system.metrics(name))));
});

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

const expressions = [...rules(), ...panels()].map(({ expr }) => expr);

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

describe.skipIf(program === undefined)('asked of a real Prometheus', () => {
  let prometheus: Prometheus;
  let load: { stop(): Promise<void> };

  beforeAll(async () => {
    prometheus = await startPrometheus(program ?? '', market.system, tradingServices);
    load = startLoad(await holderOf(market.people, 'AAPL', '10'));
  }, 60_000);
  afterAll(async () => {
    await load?.stop();
    await prometheus?.stop();
  });

  async function saysSomething(expr: string): Promise<void> {
    await eventually(async () => {
      const samples = await prometheus.query(expr);
      expect(samples, expr).not.toEqual([]);
      expect(
        samples.some(({ value }) => !Number.isNaN(value)),
        `${expr} is not a number`,
      ).toBe(true);
    });
  }

  test('every service is scraped', async () => {
    await eventually(async () => {
      const up = await prometheus.query('up{job="andvari"} == 1');
      expect(new Set(up.map(({ metric }) => metric['service']))).toEqual(new Set(tradingServices));
    });
  });

  test.each(panels())('panel $board / $title: $expr', ({ expr }) =>
    // As Grafana puts it in for a scrape every second.
    saysSomething(expr.replaceAll('$__rate_interval', '5s')),
  );

  const spoken = rules().filter(({ name }) => SILENT[name] === undefined);
  test.each(spoken)('rule $name: $expr', ({ expr }) => saysSomething(withoutCondition(expr)));

  test('what may say nothing is a rule', () => {
    expect(Object.keys(SILENT).filter((name) => !rules().some((rule) => rule.name === name))).toEqual([]);
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

function panels(): { board: string; title: string; expr: string }[] {
  const folder = join(monitoring, 'grafana/dashboards');
  return readdirSync(folder).flatMap((file) => {
    const board = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Dashboard;
    return board.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ board: board.title, title, expr })),
    );
  });
}

interface Dashboard {
  title: string;
  panels: { title: string; targets?: { expr: string }[] }[];
}

function rules(): { name: string; expr: string }[] {
  const text = readFileSync(join(monitoring, 'prometheus/rules.yaml'), 'utf8');
  const found = text.matchAll(/- (?:alert|record): (\S+)\n\s+expr: (.*)/g);
  return [...found].map(([, name = '', expr = '']) => ({ name, expr }));
}

/** What an alert looks at, whether or not it is as it should be: with `bool` a comparison is 0 where it would be nothing. */
function withoutCondition(expr: string): string {
  return expr.replaceAll(/ (>=?|<=?|[!=]=) /g, ' $1 bool ').replaceAll(/\babsent\(([^()]*)\)/g, '$1');
}

/** A little of everything, again and again until it is stopped: what is taken, what is refused, what is read. */
function startLoad(trader: Trader): { stop(): Promise<void> } {
  const { browser } = trader;
  const over = new AbortController();
  const trading = (async () => {
    while (!over.signal.aborted) {
      await place(trader, { side: 'BUY', type: 'MARKET', quantity: '1' });
      await place(trader, { side: 'SELL', type: 'MARKET', quantity: '1' });
      await place(trader, { side: 'BUY', type: 'LIMIT', limitPrice: '190', quantity: '1000000' });
      await browser.post('/auth/login', { email: 'nobody@example.com', password: 'not a password of anybody' });
      await browser.ask('{ me { userId } }');
    }
  })();
  return {
    async stop() {
      over.abort();
      await trading;
    },
  };
}
