import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@andvari/kit/testing/eventually';
import { plainEnv, startChild } from '@andvari/servers/child';
import { checkoutRoot } from '@andvari/servers/data-home';
import { ownPort } from '@andvari/servers/own-port';
import type { System } from './system.ts';

/** A real Prometheus that scrapes a system's services every second and evaluates the rules that operators have. */
export interface Prometheus {
  query(expr: string): Promise<Sample[]>;
  /** What fires now: the alert's name and the page that it names. */
  firing(): Promise<Map<string, string>>;
  stop(): Promise<void>;
}

export interface Sample {
  metric: Readonly<Record<string, string>>;
  value: number;
}

const source = (file: string): string => readFileSync(join(checkoutRoot, 'infra/monitoring/prometheus', file), 'utf8');

export async function startPrometheus(
  program: string,
  system: Pick<System, 'environment'>,
  names: readonly string[],
  /** Windows of the rules and how long something must last are so many times as short; limits are as they are. */
  faster = 1,
): Promise<Prometheus> {
  const home = mkdtempSync(join(tmpdir(), 'andvari-prometheus-'));
  chmodSync(home, 0o711);
  const targets = names.map((name) => ({
    targets: [`127.0.0.1:${system.environment(name)['ADMIN_PORT'] ?? ''}`],
    labels: { service: name },
  }));
  writeFileSync(join(home, 'targets.json'), JSON.stringify(targets));
  writeFileSync(join(home, 'prometheus.yaml'), everySecond(source('prometheus.yaml')));
  writeFileSync(join(home, 'rules.yaml'), hastened(source('rules.yaml'), faster));
  const port = await ownPort();
  const child = await startChild({
    command: program,
    args: [
      `--config.file=${join(home, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    env: plainEnv(),
    stopSignal: 'SIGKILL',
    output: 'pipe',
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ask = async (path: string): Promise<unknown> => {
    if (child.hasExited()) throw new Error(`Prometheus ended: ${log.slice(-2000)}`);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    const { data, error } = (await answer.json()) as { data: unknown; error?: string };
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    return data;
  };
  await eventually(async () => {
    if (child.hasExited()) return;
    if (!(await fetch(`http://127.0.0.1:${port}/-/ready`)).ok) throw new Error('not ready');
  });
  return {
    async query(expr) {
      const { result } = (await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`)) as { result: RawSample[] };
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    async firing() {
      const { alerts } = (await ask('/api/v1/alerts')) as { alerts: RawAlert[] };
      const burning = alerts.filter(({ state }) => state === 'firing');
      return new Map(
        burning.map(({ labels, annotations }) => [labels['alertname'] ?? '', annotations['runbook'] ?? '']),
      );
    },
    async stop() {
      await child.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

interface RawSample {
  metric: Record<string, string>;
  value: [number, string];
}

interface RawAlert {
  state: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** The configuration that operators have, without their Alertmanager. */
function everySecond(configuration: string): string {
  return configuration
    .replace(/^alerting:\n(?: .*\n)+/m, '')
    .replaceAll(/(scrape_interval|evaluation_interval): \w+/g, '$1: 1s');
}

/** Looked at every second, with windows and patience that a test can wait for. A window holds three scrapes at least. */
function hastened(rules: string, times: number): string {
  return rules
    .replaceAll(/^( +interval: )\w+$/gm, '$11s')
    .replaceAll(
      /^( +for: )(\w+)$/gm,
      (_, key: string, length: string) => `${key}${Math.ceil(secondsOf(length) / times)}s`,
    )
    .replaceAll(/\[(\d+[smhd])(:?)\]/g, (_, window: string, subquery: string) => {
      const seconds = Math.max(3, Math.ceil(secondsOf(window) / times));
      return `[${seconds}s${subquery === '' ? '' : ':1s'}]`;
    });
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function secondsOf(length: string): number {
  return Number.parseInt(length, 10) * (SECONDS[length.at(-1) ?? ''] ?? Number.NaN);
}
