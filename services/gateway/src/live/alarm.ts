/** Wakes one sleeper. Rings that nobody waits for come together, and of two times the one that was set first counts. */
export function createAlarm() {
  let isRinging = false;
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ring = (): void => {
    isRinging = true;
    wake?.();
  };
  return {
    ring,
    ringIn(ms: number): void {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          ring();
        },
        Math.max(Math.ceil(ms), 0),
      );
    },
    async rung(): Promise<void> {
      if (!isRinging) await new Promise<void>((resolve) => (wake = resolve));
      wake = undefined;
      isRinging = false;
    },
    stop(): void {
      clearTimeout(timer);
    },
  };
}
