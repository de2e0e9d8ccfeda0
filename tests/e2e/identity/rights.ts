import { eventually } from '@andvari/kit/testing/eventually';
import { SecurityServiceService } from '@andvari/proto/security/v1/security';
import { expect, test } from 'vitest';
import type { IdentityWorld } from './world.ts';

/** Roles over the real processes, and the trail that they leave. */
export function rights(world: IdentityWorld): void {
  test('a role granted and revoked while signed in takes effect at once, not when what the gateway knows grows old', {}, async () => {
    const { browser, userId } = await world.people.registered();
    const security = world.system.client('security', SecurityServiceService);
    const admin = { role: 'admin', reason: 'a test' };
    const mayReadAudit = async (): Promise<boolean> => {
      const { errors } = await browser.ask('{ auditLog(first: 1) { nodes { action } } }');
      return errors.length === 0;
    };
    expect(await mayReadAudit()).toBe(false);
    await security.grantRole({ ...admin, userId, expiresAtUs: 0n });
    await eventually(async () => expect(await mayReadAudit()).toBe(true));
    // Somebody has to stay an admin while this one stops being it.
    await security.grantRole({ ...admin, userId: (await world.people.registered()).userId, expiresAtUs: 0n });
    await security.revokeRole({ ...admin, userId });
    await eventually(async () => expect(await mayReadAudit()).toBe(false));
  });

  test('the audit trail is whole', async () => {
    const security = world.system.client('security', SecurityServiceService);
    const all = { actor: '', action: '', entity: '', fromUs: 0n, toUs: 0n, page: { first: 50, after: '' } };
    await world.people.registered();
    await eventually(async () => {
      const { entries } = await security.queryAudit(all);
      expect(entries.length).toBeGreaterThan(10);
    });
    const { intact, checked } = await security.verifyAudit({ fromSequence: 0n, limit: 0n });
    expect({ intact, some: checked > 10n }).toEqual({ intact: true, some: true });
  });
}
