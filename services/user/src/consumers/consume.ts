import { isEvent, type ReceivedEvent } from '@andvari/kit/events/event';
import { eachEvent, eventsOf, type Handler, on } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import type { EventType } from '@andvari/proto/events';
import * as events from '@andvari/proto/events';
import type { UserRegistered } from '@andvari/proto/user/v1/events';
import type { App } from '../app/app.ts';
import type { News } from '../domain/notification.ts';
import { newsOfFunding, newsOfLogin, newsOfOnboarding, newsOfReport } from './notifications-from.ts';

export const consumedStreams = ['USER', 'AUTH', 'PORTFOLIO', 'EXECUTIONS'] as const;

export function consumeEvents(kit: Pick<Foundation, 'consume'>, app: App): void {
  const consume = (durable: string, stream: string, filterSubject: string | undefined, handler: Handler) =>
    kit.consume({ durable, stream, handler, ...(filterSubject === undefined ? {} : { filterSubject }) });

  // One consumer for all of a user's life, so that a registration is applied before what follows from it.
  consume('user-lives', 'USER', undefined, livesHandler(app));
  consume('user-logins', 'AUTH', 'auth.login.succeeded.*', telling(app, events.loginSucceeded, newsOfLogin));
  consume(
    'user-deposits',
    'PORTFOLIO',
    'portfolio.funding.changed.*',
    telling(app, events.fundingChanged, newsOfFunding),
  );
  // Only the two kinds of reports that can be news: the others are many times more.
  consume('user-fills', 'EXECUTIONS', 'exec.*.*.fill', telling(app, events.executionReport, newsOfReport));
  consume('user-rejects', 'EXECUTIONS', 'exec.*.*.rejected', telling(app, events.executionReport, newsOfReport));
}

/** The whole stream comes in order, our own events too; what is not handled is passed over by name. */
export function livesHandler(app: App): Handler {
  const each = eachEvent(
    on(events.userVerified, ({ message, source }, tx) => app.profiles.verify(tx, message.userId, `service:${source}`)),
    on(events.onboardingChanged, (event, tx) => app.notifications.tell(tx, newsOfOnboarding(event))),
    on(events.userErased, ({ message }, tx) => app.deletions.partErased(tx, message.userId, message.service)),
  );
  const handled = new Set(each.types.map(({ type }) => type));
  return {
    types: userTypes,
    async handle(received, tx) {
      const registered = received.filter((event) => isEvent(event, events.userRegistered));
      if (registered.length > 0) await app.profiles.create(tx, registered.map(userFrom));
      await each.handle(
        received.filter(({ type }) => handled.has(type.type)),
        tx,
      );
    },
  };
}

function telling<T>(app: App, type: EventType<T>, newsOf: (event: ReceivedEvent<T>) => News[]): Handler {
  return eventsOf(type, (received, tx) => app.notifications.tell(tx, received.flatMap(newsOf)));
}

function userFrom({ message }: ReceivedEvent<UserRegistered>) {
  const { userId, email, givenName, familyName, locale } = message;
  return { userId, email, givenName, familyName, locale };
}

const userTypes = Object.values(events).filter(
  (value): value is EventType<never> => 'codec' in value && value.stream === 'USER',
) as unknown as readonly EventType<unknown>[];
