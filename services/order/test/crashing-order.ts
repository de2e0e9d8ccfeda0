import { runProcess } from '@andvari/kit/process/scope';
import { readConfig } from '../src/config.ts';
import { start } from '../src/main.ts';
import { crashingApp } from './crash-points.ts';
import { openMarket } from './neighbours.ts';

let crashAt = '';
process.on('message', (point) => {
  if (typeof point === 'string') crashAt = point;
  process.send?.('armed');
});

/** The service as a process that ends where whoever started it says, on a market that is open. */
await runProcess('order', readConfig, (scope, config) =>
  start(scope, config, { stock: openMarket().stock, createApp: crashingApp(() => crashAt) }),
);
