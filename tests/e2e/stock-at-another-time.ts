import { readFileSync } from 'node:fs';
import { nowUs } from '@andvari/kit/base/clock';
import { runProcess } from '@andvari/kit/process/scope';
import { readConfig } from '../../services/stock/src/config.ts';
import { start } from '../../services/stock/src/main.ts';

/** The stock service with a clock that a test sets: `CLOCK_FILE` holds by how many milliseconds it is ahead of everybody's. */
const file = process.env['CLOCK_FILE'] ?? '';

await runProcess('stock', readConfig, (scope, config) =>
  start(scope, config, { now: () => nowUs() + BigInt(readFileSync(file, 'utf8')) * 1000n }),
);
