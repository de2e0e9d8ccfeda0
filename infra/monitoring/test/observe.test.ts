import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTool } from '@andvari/get/find-tool';
import { until } from '@andvari/servers/until';
import { afterEach, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../src/observe.ts', import.meta.url));
const started: ChildProcess[] = [];
const home = mkdtempSync(join(tmpdir(), 'andvari-observe-'));
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill();
    await once(child, 'exit');
  }
  rmSync(home, { recursive: true, force: true });
});

function observe(...options: string[]): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, [program, '--home', home, ...options], { stdio: 'pipe' });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  return { child, said: () => text };
}

const isMissing = findTool('prometheus') === undefined || findTool('alertmanager') === undefined;

describe.skipIf(isMissing)('make observe', () => {
  test('takes any free ports when told to, and Prometheus finds Alertmanager on its own', async () => {
    const { said } = observe('--ports', 'free');
    const addresses = await until(
      () => {
        const found = [...said().matchAll(/^(?:Prometheus|Alertmanager) +http:\/\/(127\.0\.0\.1:\d+)/gm)];
        return found.length === 2 ? found.map(([, address]) => `${address}`) : undefined;
      },
      { deadlineMs: 60_000, what: () => `Saying where they are (${said()})` },
    );
    const [prometheus, alertmanager] = addresses;
    expect(addresses).not.toContain('127.0.0.1:9090');
    expect(addresses).not.toContain('127.0.0.1:9093');
    const told = await until(
      async () => {
        if (!(await fetch(`http://${alertmanager}/-/ready`)).ok) return undefined;
        const answer = await fetch(`http://${prometheus}/api/v1/alertmanagers`);
        const { data } = (await answer.json()) as { data: { activeAlertmanagers: { url: string }[] } };
        return data.activeAlertmanagers[0]?.url;
      },
      { deadlineMs: 60_000, what: 'Prometheus finding Alertmanager' },
    );
    expect(told).toBe(`http://${alertmanager}/api/v2/alerts`);
  });

  test('names who holds a port that it needs, and starts nothing', async () => {
    const holder = createServer();
    const isHeld = new Promise((resolve) => holder.once('listening', resolve).once('error', resolve));
    holder.listen(9090, '127.0.0.1');
    // Somebody else who has it is as good.
    await isHeld;
    const { child, said } = observe();
    await once(child, 'exit');
    holder.close();
    expect(child.exitCode).toBe(1);
    expect(said()).toMatch(/9090 \(prometheus\) is used by /);
    expect(said()).toContain('make observe PORTS=free');
    expect(said()).not.toContain('http://');
  });

  test('says what --ports can be', async () => {
    const { child, said } = observe('--ports', 'some');
    await once(child, 'exit');
    expect(child.exitCode).toBe(1);
    expect(said()).toContain('--ports is "some"; it can be fixed, free.');
  });
});
