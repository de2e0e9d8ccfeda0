import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { services } from '@andvari/deploy/services';
import { findTool } from '@andvari/get/find-tool';
import { oneOf } from '@andvari/local/one-of';
import { assignPorts } from '@andvari/local/ports';
import { runCommand } from '@andvari/local/run-command';
import { readState, runningLauncher } from '@andvari/local/run-state';
import { dataHome } from '@andvari/servers/data-home';
import { root } from './write-files.ts';

/** `make observe`: Prometheus and Alertmanager beside a running `make up`, as private copies; Ctrl-C ends both. */
const ALERTMANAGER = { name: 'alertmanager', port: 9093 };
const source = fileURLToPath(new URL('infra/monitoring', root));

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      ports: { type: 'string', default: 'fixed' },
      home: { type: 'string', default: join(fileURLToPath(root), '.data/observe') },
    },
  });
  const prometheus = findTool('prometheus');
  const alertmanager = findTool('alertmanager');
  if (prometheus === undefined || alertmanager === undefined)
    throw new Error('Prometheus and Alertmanager are not here. Get private copies first: make tools');
  const choice = oneOf('--ports', values.ports, ['fixed', 'free']) ?? 'fixed';
  const own = await assignPorts([{ name: 'prometheus', port: 9090 }, ALERTMANAGER], choice, 'make observe');
  const [watching, telling] = own.map(({ port }) => `127.0.0.1:${port}`);
  writeConfiguration(values.home, `${telling}`);

  const children = [
    run(prometheus, join(values.home, 'prometheus'), [
      '--config.file=prometheus.yaml',
      '--storage.tsdb.path=data',
      '--enable-feature=exemplar-storage',
      `--web.listen-address=${watching}`,
    ]),
    // Debian's build looks for its templates where only an installed package puts them.
    run(alertmanager, join(values.home, 'alertmanager'), [
      '--config.file=alertmanager.yaml',
      '--storage.path=data',
      '--cluster.listen-address=',
      `--web.listen-address=${telling}`,
    ]),
  ];
  console.log(`Prometheus    http://${watching}   (alerts: /alerts)
Alertmanager  http://${telling}
Dashboards    infra/monitoring/grafana/dashboards, for a Grafana of one's own: it cannot be had from a package registry
Ctrl-C ends both.`);
  const end = (): void => children.forEach((child) => child.kill());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  for (const child of children) child.on('exit', end);
  return 0;
});

function writeConfiguration(home: string, alertmanager: string): void {
  for (const folder of ['prometheus', 'alertmanager']) {
    mkdirSync(join(home, folder, 'data'), { recursive: true });
    cpSync(join(source, folder), join(home, folder), { recursive: true });
  }
  const configuration = readFileSync(join(source, 'prometheus/prometheus.yaml'), 'utf8');
  const elsewhere = configuration.replace(`127.0.0.1:${ALERTMANAGER.port}`, alertmanager);
  writeFileSync(join(home, 'prometheus/prometheus.yaml'), elsewhere);
  const ports = portsHere();
  const targets = services.map(({ name, adminPort }) => ({
    targets: [`127.0.0.1:${ports.get(name) ?? adminPort}`],
    labels: { service: name },
  }));
  writeFileSync(join(home, 'prometheus/targets.json'), JSON.stringify(targets));
}

/** Of what the launcher of this checkout runs, whatever ports it took; else those of the table are looked at, and found down. */
function portsHere(): Map<string, number | undefined> {
  const { path } = dataHome();
  const state = runningLauncher(path) === undefined ? undefined : readState(path);
  if (state === undefined)
    console.error('Nothing runs in this checkout: make up starts it; what is watched will be down.');
  return new Map(state?.parts.map((part) => [part.name, part.adminPort]));
}

function run(program: string, folder: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const name = basename(folder);
  child.stderr?.on('data', (line: Buffer) => {
    if (/level=(warn|error)/.test(line.toString())) process.stderr.write(`${name}: ${line.toString()}`);
  });
  child.on('exit', (code) => console.log(`${name} ended (${code ?? 'by a signal'})`));
  return child;
}
