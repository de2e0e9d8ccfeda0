import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askNatsVersion } from '@andvari/servers/nats';
import { askVersion } from '@andvari/servers/postgres';
import { parseRecord } from '@andvari/servers/record';
import { askRedisVersion } from '@andvari/servers/redis';
import { commandLine } from '@andvari/servers/running';
import { isReady } from './readiness.ts';
import { type Part, readState, runningLauncher } from './run-state.ts';

/** A table of what runs. True when everything is ready. */
export async function showStatus(home: string): Promise<boolean> {
  const pid = runningLauncher(home);
  const state = readState(home);
  if (pid === undefined || state === undefined) {
    const left = state?.parts.filter(
      (part) => part.pid !== undefined && commandLine(part.pid)?.includes(part.mark ?? '\0'),
    );
    console.log(pid === undefined ? 'Nothing is running. Start it: make up' : 'It is starting.');
    if (pid === undefined && left?.length) {
      console.log(`A launcher was killed and left: ${left.map(({ name }) => name).join(', ')}. make down ends them.`);
    }
    return false;
  }
  const urls = urlsOf(home);
  const rows = await Promise.all(state.parts.map(async (part) => ({ part, now: await stateNow(part, urls) })));
  const table = rows.map(({ part, now }) => [
    part.name,
    now,
    String(part.pid ?? '-'),
    String(part.port ?? '-'),
    part.version ?? '-',
    part.choice,
  ]);
  const head = ['part', 'state', 'pid', 'port', 'version', 'choice'];
  console.log(layout([head, ...table]));
  return rows.every(({ now }) => now === 'ready');
}

/** A server that hangs has a pid as well, so each is asked something that it has to answer. */
const asked: Readonly<Record<string, (url: string) => Promise<string | undefined>>> = {
  postgres: askVersion,
  nats: askNatsVersion,
  redis: askRedisVersion,
};

function urlsOf(home: string): Readonly<Record<string, unknown>> {
  try {
    return parseRecord(readFileSync(join(home, 'run', 'urls.json'), 'utf8')) ?? {};
  } catch {
    return {};
  }
}

async function stateNow(part: Part, urls: Readonly<Record<string, unknown>>): Promise<string> {
  if (part.state === 'failed' || part.state === 'restarting') return part.state;
  const [ask, url] = [asked[part.name], urls[part.name]];
  if (part.kind === 'infrastructure' && part.state === 'ready' && ask !== undefined && typeof url === 'string')
    return (await ask(url)) === undefined ? 'not ready' : 'ready';
  if (part.adminPort === undefined) return part.state;
  return (await isReady(part.adminPort)) ? 'ready' : 'not ready';
}

function layout(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
