/**
 * Puts concurrent requests into one batch while the batch before is under way: "flush when free". There is no timer,
 * so a lone request is not delayed, and under load batches grow by themselves. `run` answers in the order it was asked;
 * an answer that is an Error rejects that one request only.
 */
export function batch<Request, Answer>(
  run: (requests: Request[]) => Promise<readonly (Answer | Error)[]>,
  limits: { maxBatch: number; maxWaiting: number; lanes?: number; onFull: () => Error },
): (request: Request) => Promise<Answer> {
  const { maxBatch, maxWaiting, lanes = 1, onFull } = limits;
  let waiting: Waiting<Request, Answer>[] = [];
  let running = 0;

  const flush = async (): Promise<void> => {
    running += 1;
    // Requests of the same turn of the event loop belong together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const taken = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      try {
        const answers = await run(taken.map(({ request }) => request));
        taken.forEach(({ resolve, reject }, index) => {
          const answer = answers[index];
          if (answer instanceof Error) reject(answer);
          else if (index >= answers.length) reject(new Error('the batch answered fewer requests than it was given'));
          else resolve(answer as Answer);
        });
      } catch (error) {
        for (const { reject } of taken) reject(error as Error);
      }
    }
    running -= 1;
  };

  return (request) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        reject(onFull());
        return;
      }
      waiting.push({ request, resolve, reject });
      if (running < lanes) void flush();
    });
}

interface Waiting<Request, Answer> {
  request: Request;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}
