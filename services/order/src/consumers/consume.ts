import { type ConsumerOptions, startConsumer } from '@andvari/kit/inbox/consumer';
import { eventsOf } from '@andvari/kit/inbox/handlers';
import type { Scope } from '@andvari/kit/process/scope';
import { executionReport } from '@andvari/proto/events';
import type { App } from '../app/app.ts';

type Kit = Pick<ConsumerOptions, 'db' | 'nats' | 'locks' | 'metrics'>;

export const reportsConsumer = 'order-executions';

/** All reports in one lane: an order's in their order, and every row of a batch written once. */
export function consumeReports(scope: Scope, { app, ...kit }: { app: App } & Kit): void {
  startConsumer(scope, {
    ...kit,
    stream: 'EXECUTIONS',
    durable: reportsConsumer,
    batch: 256,
    handler: eventsOf(executionReport, (received, tx) =>
      app.reporting.apply(
        tx,
        received.map(({ message }) => message),
      ),
    ),
  });
}
