import { endLeftover } from '@andvari/servers/running';
import { until } from '@andvari/servers/until';
import { clearState, readState, runningLauncher } from './run-state.ts';

/** Ends the launcher of this checkout, which ends what it started; and what a killed launcher left. False when nothing ran. */
export async function stopSystem(home: string): Promise<boolean> {
  const pid = runningLauncher(home);
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    await until(() => runningLauncher(home) === undefined || undefined, {
      deadlineMs: 60_000,
      everyMs: 50,
      what: `The launcher (pid ${pid}) was asked to stop and does not`,
    });
    return true;
  }
  const left = readState(home)?.parts ?? [];
  for (const { pid: part, mark } of left) {
    if (part !== undefined && mark !== undefined) await endLeftover(part, [mark], 'SIGTERM');
  }
  clearState(home);
  return false;
}
