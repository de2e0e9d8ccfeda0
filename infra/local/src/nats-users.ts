import { join } from 'node:path';
import { natsPermissions } from '@andvari/deploy/nats-permissions';
import { keepSecret } from '@andvari/servers/keep-secret';
import { type NatsUser, natsUrlFor } from '@andvari/servers/nats';
import { makeFolder } from '@andvari/servers/server';

/** A user for each service whose permissions the table has, with a password that is made here and kept. */
export function natsUsersOf(services: readonly { name: string }[], home: string): NatsUser[] {
  const secrets = join(home, 'databases');
  makeFolder(secrets);
  return services.flatMap(({ name }) => {
    const permissions = natsPermissions(name);
    return permissions === undefined
      ? []
      : [{ user: name, password: keepSecret(join(secrets, `nats-${name}`)), permissions }];
  });
}

/** Where each service finds NATS: as its own user. On a server that somebody else provides all are who they were given. */
export function natsUrlsOf(url: string, users: readonly NatsUser[] = []): (service: string) => string {
  return (service) => {
    const user = users.find((one) => one.user === service);
    return user === undefined ? url : natsUrlFor(url, user);
  };
}
