import { type ConsumerOptions, startConsumer } from '@andvari/kit/consumer';
import type { ReceivedEvent } from '@andvari/kit/events';
import { eventsOf } from '@andvari/kit/handlers';
import type { Scope } from '@andvari/kit/run';
import { userRegistered } from '@andvari/proto/events';
import type { UserRegistered } from '@andvari/proto/user/v1/events';
import type { App } from '../app.ts';

/** A registration elsewhere is the beginning of a profile here. */
export function consumeRegistrations(
  scope: Scope,
  { app, ...foundation }: { app: App } & Pick<ConsumerOptions, 'db' | 'nats' | 'locks' | 'metrics'>,
): void {
  startConsumer(scope, {
    ...foundation,
    stream: userRegistered.stream,
    durable: 'user-registrations',
    filterSubject: 'user.registered.*',
    handler: eventsOf(userRegistered, (events, tx) => app.createProfiles(tx, events.map(userFrom))),
  });
}

function userFrom({ message }: ReceivedEvent<UserRegistered>) {
  const { userId, email, givenName, familyName, locale } = message;
  return { userId, email, givenName, familyName, locale };
}
