import { randomUUID } from 'node:crypto';
import { nowUs } from '@andvari/kit/base/clock';
import { transaction } from '@andvari/kit/db/db';
import { setAside } from '@andvari/kit/inbox/dead-letters';
import { Authenticator } from '@andvari/kit/testing/authenticator';
import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Person } from '../people.ts';
import { looksGood } from './page-checks.ts';
import type { WebWorld } from './world.ts';

/** What those who run it do from the page. */
export function staff(world: WebWorld): void {
  test('what the ledger could not apply is looked at, tried again in vain, and dropped for a reason', {
    timeout: 90_000,
  }, async () => {
    const { system, people } = world.market;
    const person = await people.registered();
    const security = system.client('security', SecurityServiceService);
    await security.grantRole({ userId: person.userId, role: 'operator', reason: 'runs the ledger', expiresAtUs: 0n });
    const desk = await world.seated(person);
    const subject = 'exec.0.nobody.fill';
    const ledger = system.database('portfolio_db');
    await transaction(ledger, (tx) =>
      setAside(
        tx,
        {
          consumer: 'portfolio-executions',
          eventId: randomUUID(),
          subject,
          headers: {},
          payload: Buffer.from('rubbish'),
          deliveries: 1,
        },
        new Error('nobody knows what it says'),
      ),
    );

    // A right that was granted is known everywhere within a second, and a page asks for it once.
    await eventually(async () => {
      await desk.goto(`${world.url}/admin/letters`);
      await desk.getByRole('row', { name: subject }).waitFor({ timeout: 3000 });
    });
    await desk.getByRole('button', { name: 'Apply again' }).click();
    await desk.getByText('failed again, 1×').waitFor();
    await desk.getByRole('button', { name: 'More' }).click();
    await world.keep(desk, 'staff-1-dead-letter');
    await desk.getByRole('button', { name: 'Drop', exact: true }).click();
    const dialog = desk.getByRole('dialog', { name: 'Drop this message for good?' });
    await dialog.getByLabel('Reason').fill('rubbish');
    await dialog.getByRole('button', { name: 'Drop it' }).click();
    await desk.getByText(/^Nothing is set aside/).waitFor();
    expect(await ledger`select id from dead_letters where subject = ${subject}`).toEqual([]);
  });

  test('the second factor of somebody who has lost everything is removed for a reason, and they are told', {
    timeout: 90_000,
  }, async () => {
    const { system, people } = world.market;
    const [person, admin] = [await people.registered(), await people.registered()];
    const security = system.client('security', SecurityServiceService);
    await security.grantRole({ userId: admin.userId, role: 'admin', reason: 'helps people', expiresAtUs: 0n });
    await withSecondFactor(world, person);
    const desk = await world.seated(admin);
    const remove = async (reason: string): Promise<Locator> => {
      await desk.getByRole('button', { name: 'Remove the second factor' }).click();
      const dialog = desk.getByRole('dialog', { name: 'Remove the second factor?' });
      await dialog.getByLabel('Reason').fill(reason);
      await dialog.getByRole('button', { name: 'Remove it' }).click();
      return dialog;
    };

    // A right that was granted is known everywhere within a second, and a page asks for it once.
    await eventually(async () => {
      await desk.goto(`${world.url}/admin/users`);
      await desk.getByLabel('Address or name begins with').fill(person.email);
      await desk.getByRole('button', { name: 'More' }).click({ timeout: 3000 });
      await desk.getByRole('button', { name: 'Remove the second factor' }).waitFor({ timeout: 3000 });
    });
    await looksGood(world, desk, 'staff-2-user');
    await remove('seen at the desk');
    await desk.getByText(`The second factor of ${person.email} is removed`).waitFor();
    const again = await remove('to be sure');
    await again.getByText(/^There is no second factor to remove/).waitFor();
    await looksGood(world, desk, 'staff-3-factor-is-gone');

    const page = await world.seated(person);
    await page.goto(`${world.url}/inbox`);
    await page.getByText(/switched off by an operator/).waitFor();
    await again.getByRole('button', { name: 'Leave it' }).click();
    await desk.getByRole('link', { name: 'In the audit trail' }).click();
    await eventually(async () => {
      await desk.reload();
      await desk.getByRole('row', { name: /auth factor disabled/ }).waitFor({ timeout: 3000 });
    });
  });
}

async function withSecondFactor({ market }: WebWorld, { browser }: Person): Promise<void> {
  const enrolled = await browser.ask('mutation { enrolSecondFactor { ... on SecondFactorSecret { secret } } }');
  const { secret } = enrolled.data['enrolSecondFactor'] as { secret: string };
  market.system.witness.keep(secret);
  const confirm = 'mutation ($code: String!) { confirmSecondFactor(code: $code) { __typename } }';
  const { data } = await browser.ask(confirm, { code: new Authenticator(secret, { now: nowUs }).code() });
  expect(data).toEqual({ confirmSecondFactor: { __typename: 'SecondFactorEnabled' } });
}
