import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until `assertion` holds, and fails with its last complaint: a test never sleeps for a guessed time. It gives up just before the runner would, which could not say of what. */
export async function eventually<T>(assertion: () => T | Promise<T>, options: { timeoutMs?: number } = {}): Promise<T> {
  const deadline = Date.now() + (options.timeoutMs ?? 100_000);
  for (let delayMs = 2; ; delayMs = Math.min(delayMs * 1.5, 50)) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(delayMs);
    }
  }
}
