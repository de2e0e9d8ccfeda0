import { services } from '@andvari/deploy/services';
import { configPage, variablesOf } from './config-page.ts';
import { logEventsIn, logEventsPage } from './log-events.ts';
import { servicesAndKit } from './sources.ts';

/** The pages of docs/ that are written from the code, by their paths in the checkout. */
export async function pages(): Promise<Map<string, string>> {
  const names = services.map(({ name }) => name).toSorted();
  return new Map([
    ['docs/operations/configuration.md', configPage(await Promise.all(names.map(variablesOf)))],
    ['docs/operations/log-events.md', logEventsPage(logEventsIn(servicesAndKit()))],
  ]);
}
