import { writeFileSync } from 'node:fs';
import { services } from './services.ts';

/** The chart cannot read TypeScript: the table of services stands beside its templates as JSON. */
export const chartServices = `${JSON.stringify(services, undefined, 2)}\n`;

export const chartServicesFile = new URL('helm/andvari/files/services.json', import.meta.url);

if (import.meta.main) writeFileSync(chartServicesFile, chartServices);
