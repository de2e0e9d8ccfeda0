import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { OK, type SystemCommand } from '../command.ts';
import { makeFolder } from '../make-folder.ts';
import { backUpStream, readDescription, restoreStream, type StreamBackup } from '../streams/backup-stream.ts';
import { CommandError } from '../system.ts';
import type { World } from '../world.ts';

const BROKEN_OFF = '.part';

const backup: SystemCommand = {
  name: 'streams backup',
  usage: 'DIRECTORY',
  summary: 'Every stream and bucket as it is now, a file each: after the databases, never before',
  words: { from: 1, to: 1 },
  async run(world, { positionals: [folder = ''] }, print) {
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new CommandError(`${folder} is not empty: each backup has a folder of its own`);
    // It has its name once it is whole: half of one would bring back a market whose parts are of different times.
    const unfinished = `${resolve(folder)}${BROKEN_OFF}`;
    rmSync(unfinished, { recursive: true, force: true });
    makeFolder(unfinished);
    const nats = await world.nats();
    const kept: StreamBackup[] = [];
    for (const stream of await streamNames(world)) kept.push(await backUpStream(nats, stream, unfinished));
    renameSync(unfinished, folder);
    print.rows(
      kept.map((one) => ({ ...one })),
      'no stream',
    );
    return OK;
  },
};

const restore: SystemCommand = {
  name: 'streams restore',
  usage: 'DIRECTORY',
  summary: 'Makes the streams and buckets anew that a backup holds, while no service runs; none of them may be there',
  words: { from: 1, to: 1 },
  changes: true,
  async run(world, { positionals: [folder = ''] }, print) {
    if (resolve(folder).endsWith(BROKEN_OFF)) throw new CommandError(`${folder} was broken off and is not whole`);
    const wanted = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
    if (wanted.length === 0) throw new CommandError(`${folder} holds no backup`);
    const described = wanted.toSorted().map((stream) => readDescription(stream, folder));
    const there = new Set(await streamNames(world));
    const inTheWay = wanted.filter((stream) => there.has(stream));
    if (inTheWay.length > 0) throw new CommandError(`there are streams already: ${inTheWay.join(', ')}`);
    const nats = await world.nats();
    const made: StreamBackup[] = [];
    for (const about of described) made.push(await restoreStream(nats, about, folder));
    print.rows(
      made.map((one) => ({ ...one })),
      '',
    );
    return OK;
  },
};

export const streamCommands: readonly SystemCommand[] = [backup, restore];

async function streamNames(world: World): Promise<string[]> {
  const { jsm } = await world.nats();
  const names: string[] = [];
  for await (const { config } of jsm.streams.list()) names.push(config.name);
  return names.toSorted((a, b) => turnOf(a) - turnOf(b) || (a < b ? -1 : 1));
}

/**
 * While the market goes on, what is copied first is older. The engine refuses a log that ends before what its lease and its snapshots
 * know of, and tells again what the log has and its reports lack: so the buckets come first and the log last.
 */
function turnOf(stream: string): number {
  if (/^(KV|OBJ)_/.test(stream)) return 0;
  return 1 + ['EXECUTIONS', 'COMMANDS'].indexOf(stream) + 1;
}
