import type { ParseArgsOptionsConfig } from 'node:util';

/** What every command may be told. */
export const common = {
  system: { type: 'string' },
  json: { type: 'boolean' },
  production: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} satisfies ParseArgsOptionsConfig;
