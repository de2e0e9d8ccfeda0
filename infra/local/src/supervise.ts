/** Something that runs until it is stopped or dies. */
export interface Running {
  pid: number;
  exited: Promise<string>;
  stop(): Promise<void>;
}

export interface Supervision {
  start: () => Promise<Running>;
  /** True when starting it again cannot help. */
  isFinal?: (reason: string) => boolean;
  onStarted: (running: Running) => void;
  /** `againInMs` is undefined when it is given up. */
  onDeath: (reason: string, againInMs: number | undefined) => void;
  /** No restart at all: the first death is final. */
  once?: boolean;
  delaysMs?: number[];
  /** While true, what keeps dying is started again after the last of `delaysMs`, as often as it takes. */
  isIndispensable?: () => boolean;
  /** After this long without a death, earlier ones are forgotten. */
  calmMs?: number;
}

export interface Supervised {
  stop(): Promise<void>;
}

/** Keeps something running: started again after a death, ever later, and given up after the last of `delaysMs`, if ever. */
export async function supervise(options: Supervision): Promise<Supervised> {
  const { delaysMs = [500, 1000, 2000, 4000, 8000], calmMs = 60_000 } = options;
  let stopping = false;
  let current: Running | undefined;
  let starting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let deaths = 0;

  const launch = async () => {
    const startedAt = performance.now();
    const running = await options.start();
    current = running;
    options.onStarted(running);
    void waitForDeath(running, startedAt);
  };
  const waitForDeath = async (running: Running, startedAt: number) => {
    const reason = await running.exited;
    current = undefined;
    if (performance.now() - startedAt > calmMs) deaths = 0;
    died(reason);
  };
  const died = (reason: string) => {
    if (stopping) return;
    const patient = options.isIndispensable?.() === true ? delaysMs.at(-1) : undefined;
    const delay = options.once || options.isFinal?.(reason) ? undefined : (delaysMs[deaths++] ?? patient);
    options.onDeath(reason, delay);
    if (delay === undefined) return;
    timer = setTimeout(() => {
      starting = launch().catch((error: unknown) => died(error instanceof Error ? error.message : String(error)));
    }, delay);
  };

  await launch();
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await starting;
      await current?.stop();
    },
  };
}
