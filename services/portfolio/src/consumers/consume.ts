import { subjectFilter } from '@andvari/kit/events/subject-filter';
import { eachEvent, eventsOf, on } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import * as events from '@andvari/proto/events';
import type { App } from '../app/app.ts';
import { CONSUMER } from '../app/apply-reports.ts';
import { corporateActionFrom, listedFrom } from './read-market.ts';
import { keptFrom, reportsIn } from './read-report.ts';

export const consumedStreams = ['EXECUTIONS', 'USER', 'MARKET'] as const;

const REPORTS_TOGETHER = 256;
const REST_MS = 40;

export function consumeEvents(kit: Pick<Foundation, 'consume'>, app: App): void {
  // All in one lane and in the stream's order, for what an order's end gives back depends on the fills before it. A short rest after a small
  // batch lets more gather for the next: see docs/decisions/0023.
  kit.consume({
    stream: 'EXECUTIONS',
    durable: CONSUMER,
    filterSubject: 'exec.>',
    batch: REPORTS_TOGETHER,
    restMs: REST_MS,
    byContents: true,
    handler: eventsOf(events.executionReport, (received, tx) =>
      app.reports.apply(
        tx,
        received.map((event) => ({ meaning: reportsIn(event), kept: () => keptFrom(event) })),
      ),
    ),
  });
  kit.consume({
    stream: 'USER',
    durable: 'portfolio-erasures',
    filterSubject: subjectFilter(events.userErasureStarted),
    handler: eachEvent(
      on(events.userErasureStarted, ({ message: { userId, pseudonym } }, tx) =>
        app.accounts.erase(tx, userId, pseudonym),
      ),
    ),
  });
  kit.consume({
    stream: 'MARKET',
    durable: 'portfolio-instruments',
    filterSubject: subjectFilter(events.instrumentChanged),
    handler: eventsOf(events.instrumentChanged, (received, tx) =>
      app.instruments.listed(
        tx,
        received.flatMap(({ message: { instrument } }) => (instrument === undefined ? [] : [listedFrom(instrument)])),
      ),
    ),
  });
  kit.consume({
    stream: 'MARKET',
    durable: 'portfolio-corporate-actions',
    filterSubject: 'market.corporate_action.applied.*',
    handler: eachEvent(
      on(events.corporateActionApplied, ({ message: { action } }, tx) => {
        const { terms, digest } = corporateActionFrom(action);
        return app.corporateActions.applied(tx, terms, digest);
      }),
    ),
  });
}
