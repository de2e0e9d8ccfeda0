import { writeFileSync } from 'node:fs';
import { composeFiles } from './compose.ts';
import { natsPermissions } from './nats-permissions.ts';
import { services } from './services.ts';

/** The chart cannot read TypeScript: the table of services stands beside its templates as JSON. */
export const chartServices = `${withShortLists(JSON.stringify(services, undefined, 2))}\n`;

export const chartServicesFile = new URL('helm/andvari/files/services.json', import.meta.url);

/** What each service may do at NATS. */
export const chartNatsUsers = `${JSON.stringify(
  Object.fromEntries(services.map(({ name }) => [name, natsPermissions(name)])),
  undefined,
  2,
)}\n`;

export const chartNatsUsersFile = new URL('helm/andvari/files/nats-users.json', import.meta.url);

/** The compose file of the whole system and what its servers read at their start. */
export const composeFolder = new URL('../infra/compose/', import.meta.url);

/** As the formatter has it: a list that fits is one line. */
function withShortLists(json: string): string {
  return json.replaceAll(/\[\s+("[^\]]*")\s+\]/g, (_, items: string) => `[${items.replaceAll(/\s+/g, ' ')}]`);
}

if (import.meta.main) {
  writeFileSync(chartServicesFile, chartServices);
  writeFileSync(chartNatsUsersFile, chartNatsUsers);
  for (const [name, text] of Object.entries(composeFiles())) writeFileSync(new URL(name, composeFolder), text);
}
