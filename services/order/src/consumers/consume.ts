import { eventsOf } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import { executionReport } from '@andvari/proto/events';
import type { App } from '../app/app.ts';

export const reportsConsumer = 'order-executions';

/**
 * All reports in one lane: an order's in their order, and every row of a batch written once. A short rest after a small batch
 * lets more gather for the next.
 */
export function consumeReports({ consume }: Pick<Foundation, 'consume'>, app: App): void {
  consume({
    stream: 'EXECUTIONS',
    durable: reportsConsumer,
    batch: 256,
    restMs: 10,
    handler: eventsOf(executionReport, (received, tx) =>
      app.reporting.apply(
        tx,
        received.map(({ message }) => message),
      ),
    ),
  });
}
