import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { services } from '@andvari/deploy/services';
import { findTool } from '@andvari/get/find-tool';
import { readState, runningLauncher } from '@andvari/local/run-state';
import { dataHome } from '@andvari/servers/data-home';
import { root } from './write-files.ts';

/** `make observe`: Prometheus and Alertmanager beside a running `make up`, as private copies; Ctrl-C ends both. */
const prometheus = findTool('prometheus');
// Debian's build looks for its templates where only an installed package puts them.
const alertmanager = findTool('alertmanager');
if (prometheus === undefined || alertmanager === undefined) {
  console.error('Prometheus and Alertmanager are not here. Get private copies first: make tools');
  process.exit(1);
}

const source = fileURLToPath(new URL('infra/monitoring', root));
const home = join(fileURLToPath(root), '.data/observe');
for (const folder of ['prometheus', 'alertmanager']) {
  mkdirSync(join(home, folder, 'data'), { recursive: true });
  cpSync(join(source, folder), join(home, folder), { recursive: true });
}
const ports = portsHere();
const targets = services.map(({ name, adminPort }) => ({
  targets: [`127.0.0.1:${ports.get(name) ?? adminPort}`],
  labels: { service: name },
}));
writeFileSync(join(home, 'prometheus/targets.json'), JSON.stringify(targets));

const children: ChildProcess[] = [
  run(prometheus, 'prometheus', [
    '--config.file=prometheus.yaml',
    '--storage.tsdb.path=data',
    '--enable-feature=exemplar-storage',
    '--web.listen-address=127.0.0.1:9090',
  ]),
  run(alertmanager, 'alertmanager', [
    '--config.file=alertmanager.yaml',
    '--storage.path=data',
    '--cluster.listen-address=',
    '--web.listen-address=127.0.0.1:9093',
  ]),
];
console.log(`Prometheus    http://127.0.0.1:9090   (alerts: /alerts)
Alertmanager  http://127.0.0.1:9093
Dashboards    infra/monitoring/grafana/dashboards, for a Grafana of one's own: it cannot be had from a package registry
Ctrl-C ends both.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => children.forEach((child) => child.kill()));

/** Of what the launcher of this checkout runs, whatever ports it took; else those of the table are looked at, and found down. */
function portsHere(): Map<string, number | undefined> {
  const { path } = dataHome();
  const state = runningLauncher(path) === undefined ? undefined : readState(path);
  if (state === undefined)
    console.error('Nothing runs in this checkout: make up starts it; what is watched will be down.');
  return new Map(state?.parts.map((part) => [part.name, part.adminPort]));
}

function run(program: string, name: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { cwd: join(home, name), stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (line: Buffer) => {
    if (/level=(warn|error)/.test(line.toString())) process.stderr.write(`${name}: ${line.toString()}`);
  });
  child.on('exit', (code) => {
    console.log(`${name} ended (${code ?? 'by a signal'})`);
    for (const other of children) other.kill();
  });
  return child;
}
