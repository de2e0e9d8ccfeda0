import { runProcess } from '@andvari/kit/process/scope';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { crashingApp } from './crash-points.ts';
import { openMarket } from './order-fixture.ts';

/** The service as a process that ends where CRASH_AT says, on a market that is open. */
await runProcess('order', readConfig, (scope, config) =>
  start(scope, config, { stock: openMarket().stock, createApp: crashingApp(process.env['CRASH_AT']) }),
);
