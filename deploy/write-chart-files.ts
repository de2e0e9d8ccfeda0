import { writeFileSync } from 'node:fs';
import { composeFiles } from './compose.ts';
import { keptJson } from './kept-json.ts';
import { natsPermissions } from './nats-permissions.ts';
import { services } from './services.ts';

/** The chart cannot read TypeScript: the table of services stands beside its templates as JSON. */
export const chartServices = keptJson(services);

export const chartServicesFile = new URL('helm/andvari/files/services.json', import.meta.url);

/** What each service may do at NATS. */
export const chartNatsUsers = keptJson(Object.fromEntries(services.map(({ name }) => [name, natsPermissions(name)])));

export const chartNatsUsersFile = new URL('helm/andvari/files/nats-users.json', import.meta.url);

/** The compose file of the whole system and what its servers read at their start. */
export const composeFolder = new URL('../infra/compose/', import.meta.url);

if (import.meta.main) {
  writeFileSync(chartServicesFile, chartServices);
  writeFileSync(chartNatsUsersFile, chartNatsUsers);
  for (const [name, text] of Object.entries(composeFiles())) writeFileSync(new URL(name, composeFolder), text);
}
