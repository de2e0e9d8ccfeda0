/** So many, a batch at a time and a few batches at once; what each came to is added up. Nothing but the batches under way is held. */
export async function inBatches<Sum>(
  of: { readonly count: number; readonly size: number; readonly atOnce: number },
  work: (first: number, size: number) => Promise<Sum>,
  { from, add }: { readonly from: Sum; readonly add: (one: Sum, other: Sum) => Sum },
): Promise<Sum> {
  let sum = from;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < of.count) {
      const first = next;
      next = Math.min(of.count, first + of.size);
      const made = await work(first, next - first);
      // After the wait: the other lanes have added theirs meanwhile.
      sum = add(sum, made);
    }
  };
  await Promise.all(Array.from({ length: of.atOnce }, lane));
  return sum;
}
