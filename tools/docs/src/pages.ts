import { logEventsIn, logEventsPage } from './log-events.ts';
import { servicesAndKit } from './sources.ts';

/** The pages of docs/ that are written from the code, by their paths in the checkout. */
export async function pages(): Promise<Map<string, string>> {
  return new Map([['docs/operations/log-events.md', logEventsPage(logEventsIn(servicesAndKit()))]]);
}
