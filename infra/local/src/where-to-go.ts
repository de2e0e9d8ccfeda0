import type { RunState } from './run-state.ts';

/** What someone wants to know once everything runs; in the background no key of theirs ends it. */
export function whereToGo({ parts, topology }: RunState, home: string, runs: { inBackground: boolean }): string {
  const services = parts.filter(({ kind }) => kind === 'service');
  const gateway = services.find(({ name }) => name === 'gateway');
  const lines = [
    services.length === 0
      ? 'Ready: infrastructure only, there is no service yet.'
      : `Ready: ${services.map(({ name }) => name).join(', ')}${topology === 'single' ? ' in one process' : ''}.`,
  ];
  if (gateway)
    lines.push(`  the app   http://127.0.0.1:${gateway.port}/`, `  GraphQL   http://127.0.0.1:${gateway.port}/graphql`);
  for (const { name, adminPort } of services) {
    lines.push(`  metrics   http://127.0.0.1:${adminPort}/metrics  (${name})`);
  }
  lines.push(
    `  logs      ${home}/logs`,
    `  URLs      ${home}/run/urls.json  (databases, NATS, Redis; with passwords)`,
    `  status    make status     stop    ${runs.inBackground ? '' : 'Ctrl-C, or '}make down`,
  );
  return `\n${lines.join('\n')}\n`;
}
