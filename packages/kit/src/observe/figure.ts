import { within } from '../process/scope.ts';

/** A scrape waits no longer for one of its figures. */
const PATIENCE_MS = 500;

/** What a scrape asks of others: not a number while they are away or slow, because the other metrics are wanted most of all then. */
export async function figure(asked: Promise<number>): Promise<number> {
  try {
    return await within(asked, PATIENCE_MS);
  } catch {
    return Number.NaN;
  }
}
