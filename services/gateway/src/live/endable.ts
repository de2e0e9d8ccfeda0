/** An iterator that ends at once when its reader leaves, even while it waits for something to come. */
export function endable<T>(
  outer: AbortSignal,
  make: (signal: AbortSignal) => AsyncGenerator<T>,
): AsyncIterableIterator<T, undefined> {
  const left = new AbortController();
  const inner = make(AbortSignal.any([outer, left.signal]));
  return {
    next: () => inner.next() as Promise<IteratorResult<T, undefined>>,
    async return() {
      left.abort();
      await inner.return(undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
