import { isEvent, type ReceivedEvent } from '@andvari/kit/events/event';
import { subjectFilter } from '@andvari/kit/events/subject-filter';
import { eachEvent, eventsOf, type Handler, on } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import type { EventType } from '@andvari/proto/events';
import * as events from '@andvari/proto/events';
import type { UserRegistered } from '@andvari/proto/user/v1/events';
import type { App } from '../app/app.ts';
import type { Notice } from '../domain/notification.ts';
import {
  noticeOfFactor,
  noticeOfFactorDisabled,
  noticeOfGuess,
  noticeOfRecovery,
  notificationsFromApiKey,
  notificationsFromFunding,
  notificationsFromLogin,
  notificationsFromOnboarding,
  notificationsFromPassword,
  notificationsFromReport,
} from './notifications-from.ts';

export const consumedStreams = ['USER', 'AUTH', 'PORTFOLIO', 'EXECUTIONS'] as const;

export function consumeEvents(kit: Pick<Foundation, 'consume'>, app: App): void {
  const consume = (durable: string, stream: string, filterSubject: string | undefined, handler: Handler) =>
    kit.consume({ durable, stream, handler, ...(filterSubject === undefined ? {} : { filterSubject }) });

  // One consumer for all of a user's life, so that a registration is applied before what follows from it.
  consume('user-lives', 'USER', undefined, livesHandler(app));
  consume(
    'user-logins',
    'AUTH',
    subjectFilter(events.loginSucceeded),
    notifying(app, events.loginSucceeded, notificationsFromLogin),
  );
  consume(
    'user-passwords',
    'AUTH',
    subjectFilter(events.passwordChanged),
    notifying(app, events.passwordChanged, notificationsFromPassword),
  );
  consume(
    'user-api-keys',
    'AUTH',
    subjectFilter(events.apiKeyCreated),
    notifying(app, events.apiKeyCreated, notificationsFromApiKey),
  );
  consume('user-factors', 'AUTH', 'auth.factor.>', factorsHandler(app));
  consume(
    'user-deposits',
    'PORTFOLIO',
    subjectFilter(events.fundingChanged),
    notifying(app, events.fundingChanged, notificationsFromFunding),
  );
  // Only the two kinds of reports that can be news: the others are many times more.
  consume(
    'user-fills',
    'EXECUTIONS',
    subjectFilter(events.executionReport, { type: 'fill' }),
    notifying(app, events.executionReport, notificationsFromReport),
  );
  consume(
    'user-rejects',
    'EXECUTIONS',
    subjectFilter(events.executionReport, { type: 'rejected' }),
    notifying(app, events.executionReport, notificationsFromReport),
  );
}

/** The whole stream comes in order, our own events too; what is not handled is passed over by name. */
export function livesHandler(app: App): Handler {
  const each = eachEvent(
    on(events.userVerified, ({ message, source }, tx) => app.profiles.verify(tx, message.userId, `service:${source}`)),
    on(events.onboardingChanged, (event, tx) => app.notifications.notify(tx, notificationsFromOnboarding(event))),
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

function factorsHandler({ notifications }: App): Handler {
  return eachEvent(
    on(events.factorEnabled, ({ message: { userId } }, tx) =>
      notifications.notify(tx, [noticeOfFactor('auth.factor.enabled', userId)]),
    ),
    on(events.factorDisabled, ({ message }, tx) => notifications.notify(tx, [noticeOfFactorDisabled(message)])),
    on(events.factorGuessed, ({ message }, tx) => notifications.notify(tx, [noticeOfGuess(message)])),
    on(events.factorRecoveryUsed, ({ message }, tx) => notifications.notify(tx, [noticeOfRecovery(message)])),
    on(events.factorRecoveryRenewed, ({ message: { userId } }, tx) =>
      notifications.notify(tx, [noticeOfFactor('auth.factor.recovery_renewed', userId)]),
    ),
  );
}

function notifying<T>(app: App, type: EventType<T>, noticesFrom: (event: ReceivedEvent<T>) => Notice[]): Handler {
  return eventsOf(type, (received, tx) => {
    const since = Date.now() - NEWS_FOR_MS;
    const news = received.filter(({ time }) => time.getTime() > since);
    return app.notifications.notify(tx, news.flatMap(noticesFrom));
  });
}

/** A kind of notice that a version brings along hears its stream from the beginning: what is long past is no news. */
const NEWS_FOR_MS = 7 * 86_400_000;

function userFrom({ message }: ReceivedEvent<UserRegistered>) {
  const { userId, email, givenName, familyName, locale } = message;
  return { userId, email, givenName, familyName, locale };
}

const userTypes = Object.values(events).filter(
  (value): value is EventType<never> => 'codec' in value && value.stream === 'USER',
) as unknown as readonly EventType<unknown>[];
