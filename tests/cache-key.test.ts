import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkoutRoot } from '@andvari/servers/data-home';
import { serverVersions } from '@andvari/servers/versions';
import { expect, test } from 'vitest';

interface Planned {
  tasks: { taskId: string; hash: string }[];
}

function hashOn(servers: string): string {
  const args = ['run', 'test', '--filter=@andvari/user', '--dry=json'];
  const { stdout } = spawnSync(join(checkoutRoot, 'node_modules/.bin/turbo'), args, {
    cwd: checkoutRoot,
    encoding: 'utf8',
    env: { ...process.env, ANDVARI_SERVERS: servers },
  });
  const { tasks } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Planned;
  const found = tasks.find(({ taskId }) => taskId === '@andvari/user#test');
  if (found === undefined) throw new Error(stdout);
  return found.hash;
}

test('what passed on other servers is run again', () => {
  const [one, same, other] = ['nats-2.9.10', 'nats-2.9.10', 'nats-2.12.0'].map(hashOn);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});

test('the servers of this machine have their versions in it', async () => {
  expect(await serverVersions()).toMatch(/^nats-\d[\d.]*,postgres-\d[\d.]*,redis-\d[\d.]*$/);
  const given = { POSTGRES_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' };
  expect(await serverVersions(given)).toMatch(/,postgres-none,/);
});
