/** What an SRE sees, as data: dashboards.ts makes Grafana's JSON of it, the tests run every expression. */
export interface Board {
  uid: string;
  title: string;
  description: string;
  rows: { title: string; panels: Panel[] }[];
}

export interface Panel {
  title: string;
  /** What it shows, and what is normal. */
  description: string;
  runbook: string;
  unit: string;
  queries: { expr: string; legend: string }[];
  kind?: 'stat';
  width?: number;
  min?: number;
  /** From here on it is red. */
  limit?: number;
}

const R = '$__rate_interval';

export const rate = (counter: string, by = ''): string =>
  by === '' ? `sum(rate(${counter}[${R}]))` : `sum by (${by}) (rate(${counter}[${R}]))`;

export const quantile = (q: number, histogram: string, by = '', matcher = ''): string =>
  `histogram_quantile(${q}, sum by (${['le', by].filter(Boolean).join(', ')}) (rate(${histogram}_bucket${matcher}[${R}])))`;

export const quantiles = (histogram: string, matcher = ''): Panel['queries'] =>
  [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, histogram, '', matcher), legend: `p${q * 100}` }));
