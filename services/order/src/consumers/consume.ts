import { invalid } from '@andvari/kit/base/errors';
import type { ReceivedEvent } from '@andvari/kit/events/event';
import { eventsOf } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import type { ExecutionReport } from '@andvari/proto/engine/v1/reports';
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
    restMs: 40,
    byContents: true,
    handler: eventsOf(executionReport, (received, tx) => app.reporting.apply(tx, received.map(reportIn))),
  });
}

/** Its event is called after it: the inbox tells by that name what was applied before. */
function reportIn({ id, message }: ReceivedEvent<ExecutionReport>): ExecutionReport {
  if (id !== message.execId) throw invalid('exec_id', 'should be the id of its event');
  return message;
}
