import { mkdirSync, writeFileSync } from 'node:fs';
import { dashboards } from './dashboards.ts';
import { rulesFile } from './rules.ts';

/** Everything that is written by this folder's code, by path from the root of the checkout. A test compares. */
export function writtenFiles(): Map<string, string> {
  const files = new Map<string, string>();
  const rules = rulesFile();
  files.set('infra/monitoring/prometheus/rules.yaml', rules);
  files.set('deploy/helm/andvari/files/rules.yaml', rules);
  for (const dashboard of dashboards()) {
    const json = `${JSON.stringify(dashboard, undefined, 2)}\n`;
    files.set(`infra/monitoring/grafana/dashboards/${dashboard.uid ?? ''}.json`, json);
    files.set(`deploy/helm/andvari/files/dashboards/${dashboard.uid ?? ''}.json`, json);
  }
  return files;
}

export const root = new URL('../../../', import.meta.url);

if (import.meta.main) {
  for (const [path, text] of writtenFiles()) {
    const file = new URL(path, root);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
}
