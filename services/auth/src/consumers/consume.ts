import { usFromDate } from '@andvari/kit/base/clock';
import { subjectFilter } from '@andvari/kit/events/subject-filter';
import { eachEvent, on } from '@andvari/kit/inbox/handlers';
import type { Foundation } from '@andvari/kit/service/foundation';
import { mailRequested, rolesChanged, userErasureStarted } from '@andvari/proto/events';
import type { App } from '../app/app.ts';

export const consumedStreams = ['USER', 'SECURITY'] as const;

export function consumeEvents(kit: Pick<Foundation, 'consume'>, app: App): void {
  // Access tokens carry the version of the roles; security is never asked for it.
  kit.consume({
    stream: 'SECURITY',
    durable: 'auth-roles',
    filterSubject: subjectFilter(rolesChanged),
    handler: eachEvent(
      on(rolesChanged, ({ message: { userId, rolesVersion } }, tx) => app.raiseRolesVersion(tx, userId, rolesVersion)),
    ),
  });
  kit.consume({
    stream: 'USER',
    durable: 'auth-erasures',
    filterSubject: subjectFilter(userErasureStarted),
    handler: eachEvent(on(userErasureStarted, ({ message: { userId } }, tx) => app.eraseUser(tx, userId))),
  });
}

/** What would be sent by email, kept where a developer and a test can read it. Never started in production. */
export function consumeDevelopmentMails(kit: Pick<Foundation, 'consume'>, app: App): void {
  kit.consume({
    stream: 'AUTH',
    durable: 'auth-development-mail',
    filterSubject: subjectFilter(mailRequested),
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
