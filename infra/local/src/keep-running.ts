import type { Service } from '@andvari/deploy/services';
import { titles } from '@andvari/servers/programs';
import { tail } from '@andvari/servers/server';
import { Hopeless, until } from '@andvari/servers/until';
import type { Board } from './board.ts';
import type { FollowedLogs } from './follow-logs.ts';
import type { Provided } from './infra.ts';
import { logLine } from './log-line.ts';
import type { Progress } from './progress.ts';
import { isReady } from './readiness.ts';
import type { Part } from './run-state.ts';
import type { Surroundings } from './service-environment.ts';
import { type Supervised, supervise } from './supervise.ts';
import type { Unit } from './units.ts';

export interface Watch {
  board: Board;
  progress: Progress;
  view: FollowedLogs;
  signal: AbortSignal;
  once: boolean;
  /** The whole must end: something died that it cannot do without. */
  onBroken: (why: Error) => void;
}

/** Starts a unit and keeps it running. `ready` is about the first time. */
export async function keepService(
  unit: Unit,
  around: Surroundings,
  watch: Watch,
): Promise<Supervised & { ready: Promise<void> }> {
  const { board, progress, view, once } = watch;
  const parts = unit.services.map((service) => servicePart(service, unit));
  board.add(...parts);
  let first: Promise<void> | undefined;
  let everReady = false;
  let deaths = 0;

  const becomeReady = async (again: boolean) => {
    await waitReady(unit, watch.signal);
    everReady = true;
    board.set(parts, { state: 'ready' });
    if (again) progress.say(`${unit.name} is back.`);
  };
  const supervised = await supervise({
    once,
    // One that never got ready is most likely broken, and someone waits to hear it.
    isFinal: (reason) => reason === `exit code ${badConfiguration}` || (!everReady && deaths >= 2),
    start: () => unit.start(around),
    onStarted: ({ pid }) => {
      board.set(parts, { pid, state: 'starting' });
      const ready = becomeReady(first !== undefined);
      ready.catch((error: unknown) => {
        if (!watch.signal.aborted) progress.warn(String(error));
      });
      first ??= ready;
    },
    onDeath: (reason, againInMs) => {
      view.flush();
      progress.warn(`── ${unit.name} died: ${reason}.`);
      if (deaths++ === 0 || againInMs === undefined) {
        const last = tail(unit.log, 10).split('\n');
        progress.warn(`── Its last lines (all in ${unit.log}):`);
        progress.warn(last.map((line) => `   ${logLine(unit.name, line, false).text.trim()}`).join('\n'));
      }
      board.set(parts, { state: againInMs === undefined ? 'failed' : 'restarting' });
      if (againInMs !== undefined) {
        progress.warn(`── ${unit.name} is started again in ${againInMs / 1000} s.`);
        return;
      }
      progress.warn(`── ${unit.name} is given up.`);
      // A system that is up stays up without it; one that never was, or was told so, ends.
      if (once || board.state.phase === 'starting') watch.onBroken(new Error(`${unit.name} died: ${reason}`));
    },
  });
  return { ready: first ?? Promise.resolve(), stop: () => supervised.stop() };
}

/** What the kit exits with when the configuration is wrong: the same again would not help. */
const badConfiguration = 78;

/** A server of ours that dies is started again on the same port and data; what was given by URL or runs in a container is not ours. */
export async function keepInfra(provided: Provided, part: Part, watch: Watch): Promise<Supervised> {
  const { server, again, name } = provided;
  if (!server || !again) return { stop: () => provided.stop() };
  const { board, progress } = watch;
  let next = async () => server;
  return supervise({
    // A system that is up outlives whatever happens to its servers: giving up would end all of it for the sake of one.
    isIndispensable: () => board.state.phase === 'ready',
    delaysMs: [500, 1000, 2000, 4000],
    start: async () => {
      const running = await next();
      next = again;
      return running;
    },
    onStarted: ({ pid }) => board.set([part], { pid, state: 'ready' }),
    onDeath: (reason, againInMs) => {
      board.set([part], { state: againInMs === undefined ? 'failed' : 'restarting' });
      progress.warn(`── ${titles[name]} died: ${reason}. Its last lines:\n${tail(server.logFile, 3)}`);
      if (againInMs === undefined) watch.onBroken(new Error(`${titles[name]} keeps dying`));
      else progress.warn(`── ${titles[name]} is started again in ${againInMs / 1000} s, on the same data.`);
    },
  });
}

async function waitReady(unit: Unit, signal: AbortSignal): Promise<void> {
  for (const { name, adminPort } of unit.services) {
    const ask = async () => {
      if (signal.aborted) throw new Hopeless('stopping');
      return (await isReady(adminPort)) || undefined;
    };
    await until(ask, {
      deadlineMs: 60_000,
      everyMs: 50,
      what: `${name} does not get ready; its log is ${unit.log}`,
    });
  }
}

export function infraPart({ name, version, choice, server }: Provided): Part {
  return {
    name,
    kind: 'infrastructure',
    state: 'ready',
    version,
    choice,
    ...(server && { pid: server.pid, port: server.port, log: server.logFile }),
  };
}

function servicePart({ name, port, adminPort }: Service, unit: Unit): Part {
  const choice = unit.name === name ? 'process' : `in ${unit.name}`;
  return { name, kind: 'service', state: 'starting', port, adminPort, choice, log: unit.log, mark: unit.main };
}
