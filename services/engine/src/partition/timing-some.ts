/** A clock read twice for each command would cost a part of what a command does. */
const ONE_IN = 64;

/** The same work, with a look at the clock around one call in 64. */
export function timingSome<A, B>(
  work: (a: A, b: B) => void,
  observe: ((seconds: number) => void) | undefined,
): (a: A, b: B) => void {
  if (observe === undefined) return work;
  let calls = 0;
  return (a, b) => {
    calls += 1;
    if (calls % ONE_IN !== 0) return work(a, b);
    const startedAt = performance.now();
    work(a, b);
    observe((performance.now() - startedAt) / 1000);
  };
}
