import { createAlarm } from './alarm.ts';

/** Several iterators as one, in the order in which their items come; one of each waits at the most. Ends, or fails, with the first that does. */
export async function* merge<T>(iterables: readonly AsyncIterable<T>[]): AsyncGenerator<T, undefined> {
  const iterators = iterables.map((iterable) => iterable[Symbol.asyncIterator]());
  const alarm = createAlarm();
  const arrived: { iterator: AsyncIterator<T>; result: Promise<IteratorResult<T>> }[] = [];
  const ask = (iterator: AsyncIterator<T>): void => {
    const result = iterator.next();
    const arrive = (): void => {
      arrived.push({ iterator, result });
      alarm.ring();
    };
    result.then(arrive, arrive);
  };
  for (const iterator of iterators) ask(iterator);
  try {
    for (;;) {
      await alarm.rung();
      for (let next = arrived.shift(); next !== undefined; next = arrived.shift()) {
        const { done, value } = await next.result;
        if (done === true) return undefined;
        ask(next.iterator);
        yield value;
      }
    }
  } finally {
    await Promise.all(iterators.map(async (iterator) => iterator.return?.()));
  }
}
