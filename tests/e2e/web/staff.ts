import { randomUUID } from 'node:crypto';
import { transaction } from '@andvari/kit/db/db';
import { setAside } from '@andvari/kit/inbox/dead-letters';
import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { expect, test } from 'vitest';
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
}
