import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { OPERATOR_TOOL } from '@andvari/deploy/services';
import { Secret } from '@andvari/kit/base/config';
import { noCaller, withContext } from '@andvari/kit/base/context';
import { openLog } from '@andvari/kit/observe/log';
import { openMetrics } from '@andvari/kit/observe/metrics';
import { newTraceparent } from '@andvari/kit/observe/tracing';
import { Scope } from '@andvari/kit/process/scope';
import { connectRpc } from '@andvari/kit/rpc/client';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { UserServiceService } from '@andvari/proto/user/v1/user';
import { checkoutRoot, dataHome } from '@andvari/servers/data-home';
import { keepSecret } from '@andvari/servers/keep-secret';
import { runCommand } from './run-command.ts';
import { readState, runningLauncher } from './run-state.ts';
import { callerKeyName, secretFile } from './service-environment.ts';

const help = 'Gives a role to somebody who has registered: make admin EMAIL=ada@example.com [ROLE=admin]';

/**
 * The first admin of a system that runs here: nobody can grant a role to themselves, and at first nobody else can either.
 * It asks the services as one of them, with the keys that the launcher made.
 */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      email: { type: 'string', default: '' },
      role: { type: 'string', default: 'admin' },
      root: { type: 'string', default: checkoutRoot },
    },
  });
  const email = values.email.trim().toLowerCase();
  if (email === '') {
    console.error(help);
    return 2;
  }
  const { path: home } = dataHome(resolve(values.root));
  const state = runningLauncher(home) === undefined ? undefined : readState(home);
  if (state === undefined) {
    console.error('Nothing is running here: make up first.');
    return 1;
  }
  const portOf = (name: string): number => state.parts.find((part) => part.name === name)?.port ?? 0;
  const scope = new Scope(openLog('admin', 'warn'));
  const keyTo = (audience: string): [string, Secret] => {
    const name = callerKeyName({ issuer: OPERATOR_TOOL.name, audience });
    return [audience, new Secret(keepSecret(secretFile(home, name), 32))];
  };
  const connection = {
    service: OPERATOR_TOOL.name,
    callees: new Map(OPERATOR_TOOL.calls.map(keyTo)),
    metrics: openMetrics('admin', { runtime: false }),
    idempotent: [],
    timeoutMs: 10_000,
  };
  const context = {
    requestId: 'make-admin',
    caller: noCaller(OPERATOR_TOOL.name),
    deadline: Date.now() + 20_000,
    signal: scope.signal,
    traceparent: newTraceparent(),
  };
  try {
    return await withContext(context, async () => {
      const user = connectRpc(scope, UserServiceService, { ...connection, address: `127.0.0.1:${portOf('user')}` });
      const { profiles } = await user.searchProfiles({ text: email, page: undefined });
      const found = profiles.find((profile) => profile.email === email);
      if (found === undefined) {
        console.error(`Nobody has ${email}: register first, and open the link of the mail at /auth/mailbox.`);
        return 1;
      }
      const address = `127.0.0.1:${portOf('security')}`;
      const security = connectRpc(scope, SecurityServiceService, { ...connection, address });
      const { role } = values;
      await security.grantRole({ userId: found.userId, role, expiresAtUs: 0n, reason: 'granted on this machine' });
      console.log(`${email} has the role ${role}, from the next request on.`);
      return 0;
    });
  } finally {
    await scope.close();
  }
});
