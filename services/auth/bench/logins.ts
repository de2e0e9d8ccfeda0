import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fairQueue } from '../src/ports/fair-queue.ts';
import { openPasswords } from '../src/ports/passwords.ts';

/** How many passwords a second are checked, at different numbers at a time, and what the event loop feels of it. */
const SECONDS = 4;
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

for (const concurrency of [1, 2]) {
  const queue = fairQueue({ concurrency, maxWaiting: 64, maxWaitingPerKey: 64 });
  const passwords = await openPasswords({ parameters, queue, observe: () => undefined });
  const stored = await passwords.hash('a long word to remember', 'bench');
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const endsAt = performance.now() + SECONDS * 1000;
  const cpu = process.cpuUsage();
  let checked = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await passwords.verify(stored, 'a long word to remember', 'bench');
      checked += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  lag.disable();
  const { user, system } = process.cpuUsage(cpu);
  console.log(
    `${concurrency} at a time: ${Math.round(checked / SECONDS)} checks/s, ${Math.round((user + system) / checked)} us of CPU each, ` +
      `event loop p99 ${(lag.percentile(99) / 1e6).toFixed(1)} ms`,
  );
}
