import { usFromDate } from '@andvari/kit/base/clock';
import { type ConsumerOptions, startConsumer } from '@andvari/kit/inbox/consumer';
import { eachEvent, on } from '@andvari/kit/inbox/handlers';
import type { Scope } from '@andvari/kit/process/scope';
import { mailRequested, rolesChanged, userErasureStarted } from '@andvari/proto/events';
import type { App } from '../app/app.ts';

type Foundation = Pick<ConsumerOptions, 'db' | 'nats' | 'locks' | 'metrics'>;

/** Access tokens carry the version of the roles; security is never asked for it. */
export function consumeRoleChanges(scope: Scope, { app, ...foundation }: { app: App } & Foundation): void {
  startConsumer(scope, {
    ...foundation,
    stream: rolesChanged.stream,
    durable: 'auth-roles',
    filterSubject: 'security.roles.changed.*',
    handler: eachEvent(
      on(rolesChanged, ({ message: { userId, rolesVersion } }, tx) => app.raiseRolesVersion(tx, userId, rolesVersion)),
    ),
  });
}

export function consumeErasures(scope: Scope, { app, ...foundation }: { app: App } & Foundation): void {
  startConsumer(scope, {
    ...foundation,
    stream: userErasureStarted.stream,
    durable: 'auth-erasures',
    filterSubject: 'user.erasure.started.*',
    handler: eachEvent(on(userErasureStarted, ({ message: { userId } }, tx) => app.eraseUser(tx, userId))),
  });
}

/** What would be sent by email, kept where a developer and a test can read it. Never started in production. */
export function consumeMails(scope: Scope, { app, ...foundation }: { app: App } & Foundation): void {
  startConsumer(scope, {
    ...foundation,
    stream: mailRequested.stream,
    durable: 'auth-development-mail',
    filterSubject: 'auth.mail.requested.*',
    handler: eachEvent(
      on(mailRequested, ({ message: { to, template, values }, time }, tx) =>
        app.keepDevelopmentMail(tx, {
          to,
          template,
          sealedToken: values['sealed_token'] ?? '',
          createdAtUs: usFromDate(time),
        }),
      ),
    ),
  });
}
