import { ACCOUNT_PARTITIONS } from '@andvari/kit/events/partition';
import { type ConsumerOptions, startConsumer } from '@andvari/kit/inbox/consumer';
import { eachEvent, eventsOf, on } from '@andvari/kit/inbox/handlers';
import type { Scope } from '@andvari/kit/process/scope';
import * as events from '@andvari/proto/events';
import type { App } from '../app/app.ts';
import { corporateActionFrom, listedFrom } from './read-market.ts';
import { reportsOf } from './read-report.ts';

export const consumedStreams = ['EXECUTIONS', 'USER', 'MARKET'] as const;

type Kit = Pick<ConsumerOptions, 'db' | 'nats' | 'locks' | 'metrics'>;

export function consumeEvents(scope: Scope, { app, ...kit }: { app: App } & Kit): void {
  // One consumer a partition of accounts: in the stream's order for each account, for what an order's end gives back depends on
  // the fills before it; side by side for different ones.
  for (let partition = 0; partition < ACCOUNT_PARTITIONS; partition += 1) {
    startConsumer(scope, {
      ...kit,
      stream: 'EXECUTIONS',
      durable: `portfolio-executions-${partition}`,
      filterSubject: `exec.${partition}.>`,
      batch: 256,
      handler: eventsOf(events.executionReport, (received, tx) =>
        app.settlement.apply(
          tx,
          received.flatMap(({ message }) => reportsOf(message)),
        ),
      ),
    });
  }
  startConsumer(scope, {
    ...kit,
    stream: 'USER',
    durable: 'portfolio-erasures',
    filterSubject: 'user.erasure.started.*',
    handler: eachEvent(
      on(events.userErasureStarted, ({ message: { userId, pseudonym } }, tx) =>
        app.accounts.erase(tx, userId, pseudonym),
      ),
    ),
  });
  startConsumer(scope, {
    ...kit,
    stream: 'MARKET',
    durable: 'portfolio-instruments',
    filterSubject: 'market.instrument.changed.*',
    handler: eventsOf(events.instrumentChanged, (received, tx) =>
      app.instruments.listed(
        tx,
        received.flatMap(({ message: { instrument } }) => (instrument === undefined ? [] : [listedFrom(instrument)])),
      ),
    ),
  });
  startConsumer(scope, {
    ...kit,
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
