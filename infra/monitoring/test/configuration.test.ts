import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTool } from '@andvari/get/find-tool';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../src/write-files.ts';

const monitoring = fileURLToPath(new URL('infra/monitoring', root));
const [promtool, amtool] = [findTool('promtool'), findTool('amtool')];
const folder = mkdtempSync(join(tmpdir(), 'andvari-monitoring-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(promtool === undefined)('Prometheus takes its configuration', () => {
  cpSync(join(monitoring, 'prometheus'), folder, { recursive: true });
  writeFileSync(join(folder, 'targets.json'), '[]');
  const { status, stderr } = spawnSync(promtool ?? '', ['check', 'config', join(folder, 'prometheus.yaml')], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
});

describe.skipIf(amtool === undefined)('Alertmanager', () => {
  const file = join(monitoring, 'alertmanager/alertmanager.yaml');

  test.each([
    ['a page', ['alertname=LedgerDrift', 'severity=page'], 'on-call'],
    ['a ticket', ['alertname=DeadLetters', 'severity=ticket'], 'tickets'],
    ['what has no severity', ['alertname=Whatever'], 'tickets'],
  ])('%s goes to the right people', (_, labels, receiver) => {
    const { stdout, stderr } = spawnSync(
      amtool ?? '',
      ['config', 'routes', 'test', `--config.file=${file}`, ...labels],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout.trim(), stderr).toBe(receiver);
  });
});
