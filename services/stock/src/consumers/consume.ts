import { subjectFilter } from '@andvari/kit/events/subject-filter';
import { eventsOf, type Handler } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import { type ExecutionReport, Liquidity } from '@andvari/proto/engine/v1/reports';
import { corporateActionPosted, executionReport } from '@andvari/proto/events';
import type { App } from '../app/app.ts';
import type { Print } from '../app/venue.ts';

export const consumedStreams = ['EXECUTIONS', 'PORTFOLIO'] as const;

export function consumeEvents(kit: Pick<Foundation, 'consume'>, app: App): void {
  kit.consume({
    durable: 'stock-trades',
    stream: 'EXECUTIONS',
    filterSubject: subjectFilter(executionReport, { type: 'fill' }),
    // Nobody watches bars of history grow: what is traded now is told as it happens.
    restMs: 250,
    byContents: true,
    handler: tradesHandler(app),
  });
  kit.consume({
    durable: 'stock-corporate-actions',
    stream: 'PORTFOLIO',
    filterSubject: subjectFilter(corporateActionPosted),
    handler: eventsOf(corporateActionPosted, async (received, tx) => {
      for (const { message } of received) await app.corporateActions.posted(tx, message.actionId);
    }),
  });
}

/** A trade makes two reports, of which the taker's speaks for both. */
function tradesHandler(app: App): Handler {
  return eventsOf(executionReport, (received, tx) =>
    app.venue.trades(
      tx,
      received
        .map(({ message }) => message)
        .filter(speaksForTrade)
        .map(printFrom),
    ),
  );
}

function speaksForTrade({ liquidity }: ExecutionReport): boolean {
  return liquidity === Liquidity.LIQUIDITY_TAKER;
}

function printFrom({ symbol, lastPx, lastQty, transactTimeUs }: ExecutionReport): Print {
  return { symbol, price: Number(lastPx), qty: Number(lastQty), at: Number(transactTimeUs / 1000n) };
}
