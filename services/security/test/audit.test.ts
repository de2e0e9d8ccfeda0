import { newEvent, type OutgoingEvent } from '@andvari/kit/events/event';
import { eventually } from '@andvari/kit/testing/eventually';
import * as events from '@andvari/proto/events';
import { OnboardingState } from '@andvari/proto/user/v1/user';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuditWorld, auditWorld, from, login, TRACE } from './audit-world.ts';

let security: AuditWorld['security'];
let auditor: AuditWorld['auditor'];
let verify: AuditWorld['verify'];
let query: AuditWorld['query'];
let recorded: AuditWorld['recorded'];
let loggedIn: AuditWorld['loggedIn'];

beforeAll(async () => {
  ({ security, auditor, verify, query, recorded, loggedIn } = await auditWorld());
});
afterAll(() => security.close());

describe('an event', () => {
  test('is recorded with who, what, on what, from where, and its trace', async () => {
    const userId = uuidv7();
    const event = login(userId);
    await security.publish(event);
    const [entry] = await eventually(async () => {
      const { entries } = await query({ actor: userId });
      expect(entries).toHaveLength(1);
      return entries;
    });
    expect(entry).toMatchObject({
      eventId: event.id,
      actor: userId,
      action: 'auth.login.succeeded',
      result: 'ok',
      address: '203.0.113.7',
      traceId: TRACE.split('-')[1],
      details: { new_device: 'true', user_agent: 'Netscape' },
    });
    expect(entry?.entity).toMatch(/^session\//);
  });

  test('told three times is recorded once, across a restart too', async () => {
    const userId = uuidv7();
    const event = login(userId);
    await security.publish(event, { ...event, id: uuidv7() });
    await eventually(async () => expect((await query({ actor: userId })).entries).toHaveLength(1));
    await security.restart();
    await security.publish({ ...event, id: uuidv7() });
    await loggedIn();
    expect((await query({ actor: userId })).entries).toHaveLength(1);
  });

  test('of a mail leaves the address and what lets its bearer in out of the database', async () => {
    const userId = uuidv7();
    const values = { token: 'open-sesame' };
    const mail = { userId, to: 'ada@example.com', template: 'reset_password', values };
    const person = { userId, email: 'ada@example.com', givenName: 'Ada', familyName: 'Lovelace', locale: 'en' };
    await security.publish(
      newEvent(events.mailRequested, mail, from),
      newEvent(events.userRegistered, person, from),
      newEvent(events.userVerified, person, from),
    );
    const entries = await recorded(`user/${userId}`, 3);
    expect(entries.map(({ details }) => details)).toContainEqual({ template: 'reset_password' });
    const dump = await security.db`select e::text as row from audit_entries e where entity = ${`user/${userId}`}`;
    expect(JSON.stringify(dump)).not.toMatch(/sesame|example\.com|Ada|Lovelace/);
  });

  test.each<
    [what: string, event: (userId: string, operator: string, reason: string) => OutgoingEvent, details: object]
  >([
    [
      'a second factor that was taken away',
      (userId, changedBy, reason) => newEvent(events.factorDisabled, { userId, changedBy, reason }, from),
      {},
    ],
    [
      'a role that was granted',
      (userId, changedBy, reason) => {
        const change = { userId, changedBy, reason, change: 'granted', role: 'support', rolesVersion: 2n };
        return newEvent(events.rolesChanged, change, from);
      },
      { change: 'granted', role: 'support', roles_version: '2' },
    ],
    [
      'a rejected profile',
      (userId, changedBy, reason) => {
        const state = OnboardingState.ONBOARDING_STATE_REJECTED;
        return newEvent(events.onboardingChanged, { userId, changedBy, reason, state }, from);
      },
      {},
    ],
    [
      'a liquidation',
      (userId, operatorId, reason) => {
        const acted = { accountId: uuidv7(), userId, operatorId, action: 'liquidate_account', orderId: '', reason };
        return newEvent(events.operatorActed, acted, from);
      },
      { action: 'liquidate_account' },
    ],
    [
      'an adjustment',
      (userId, operatorId, reason) => {
        const moved = { accountId: uuidv7(), asset: 'USD', amount: 5n, costBasis: 0n, journalId: 'j' };
        return newEvent(events.adjustmentPosted, { ...moved, userId, operatorId, reason }, from);
      },
      { asset: 'USD', amount: '5', journal_id: 'j' },
    ],
    [
      'a dead letter that was given up on',
      (letterId, operatorId, reason) => newEvent(events.deadLetterDropped, { letterId, operatorId, reason }, from),
      {},
    ],
  ])('of %s says who did it, and why until its user is erased', async (what, event, details) => {
    const [userId, operator] = [uuidv7(), uuidv7()];
    await security.publish(event(userId, operator, 'showed their passport'), event(userId, operator, ''));
    const recordedOf = () =>
      eventually(async () => {
        const { entries } = await query({ actor: operator });
        expect(entries).toHaveLength(2);
        return entries
          .map((entry) => entry.details)
          .toSorted((one, other) => ((one['reason'] ?? '' > (other['reason'] ?? '')) ? 1 : -1));
      });
    const [silent, said] = await recordedOf();
    expect(silent).toMatchObject(details);
    expect(silent).not.toHaveProperty('reason');
    expect(said).toEqual({ ...silent, reason: 'showed their passport' });
    expect(await verify()).toMatchObject({ intact: true });
    if (what.startsWith('a dead letter')) return;
    await security.publish(newEvent(events.userErasureStarted, { userId, pseudonym: 'p' }, { source: 'user' }));
    await eventually(async () => expect(await recordedOf()).toEqual([silent, silent]));
    const dump = await security.db`select p::text as row from audit_personal p where user_id = ${userId}`;
    expect(dump).toEqual([]);
    expect(await verify()).toMatchObject({ intact: true });
  });

  test('of a reason that is too long keeps whole characters, as they were hashed', async () => {
    const [userId, operator] = [uuidv7(), uuidv7()];
    const reason = `x${'🦉'.repeat(600)}`;
    await security.publish(newEvent(events.factorDisabled, { userId, changedBy: operator, reason }, from));
    const [entry] = await recorded(`user/${userId}`, 1);
    expect(entry?.details).toEqual({ reason: `x${'🦉'.repeat(499)}` });
    expect(await verify()).toMatchObject({ intact: true });
  });

  test('of every kind there is finds its row, but for those that say nothing of security or money', async () => {
    const kinds = Object.values(events).filter((value) => 'codec' in value);
    const consumed = kinds.filter(({ stream }) => stream !== 'COMMANDS');
    const made = consumed.map((type) => {
      const names = ['userId', 'accountId', 'orderId', 'service'];
      const message = type.codec.decode(new Uint8Array()) as unknown as Record<string, unknown>;
      for (const name of names) if (name in message) message[name] = uuidv7();
      const subject = { account_partition: '0', type: 'new', service: 'x', symbol: 'ACME' };
      return newEvent(type as events.EventType<never>, message as never, { ...from, subject });
    });
    await security.publish(...made);
    await loggedIn();
    const silent = ['AuditCheckpointSigned', 'WatchlistChanged', 'NotificationCreated', 'SessionChanged'];
    await eventually(async () => {
      const { entries } = await query({ page: { first: 200, after: '' } });
      const seen = new Set(entries.map(({ eventId }) => eventId));
      const missing = made
        .filter(({ id }) => !seen.has(id))
        .map(({ headers }) => headers['ce-type']?.split('.').at(-1));
      expect(new Set(missing)).toEqual(new Set(silent));
    });
    expect(await security.db`select error from dead_letters`).toEqual([]);
  });

  test.each([
    ['money has no cost', { asset: 'USD', amount: -5n, costBasis: 0n }, { asset: 'USD', amount: '-5' }],
    [
      'shares have what they cost',
      { asset: 'AAPL', amount: 2n, costBasis: 374n },
      { asset: 'AAPL', amount: '2', cost_basis: '374' },
    ],
  ])('an adjustment: %s', async (_, moved, details) => {
    const [operatorId, accountId, journalId] = [uuidv7(), uuidv7(), uuidv7()];
    const message = { operatorId, accountId, userId: uuidv7(), journalId, reason: 'a correction', ...moved };
    await security.publish(newEvent(events.adjustmentPosted, message, { source: 'portfolio' }));
    await eventually(async () => {
      const { entries } = await query({ actor: operatorId });
      expect(entries).toMatchObject([{ entity: `account/${accountId}` }]);
      expect(entries[0]?.details).toEqual({ ...details, journal_id: journalId, reason: 'a correction' });
    });
  });

  test('with a hostile value is recorded all the same', async () => {
    const userId = uuidv7();
    const message = {
      userId,
      sessionId: uuidv7(),
      address: 'x\u0000',
      userAgent: '\u0007'.repeat(10_000),
      newDevice: false,
    };
    await security.publish(newEvent(events.loginSucceeded, message, from));
    await eventually(async () => expect((await query({ actor: userId })).entries).toHaveLength(1));
    expect(await verify()).toMatchObject({ intact: true });
  });
});

describe('the chain', () => {
  test('has no gap and no fork although five streams write it at once', async () => {
    const users = Array.from({ length: 60 }, () => uuidv7());
    const grouped = users.flatMap((userId) => [
      login(userId),
      newEvent(events.deletionRequested, { userId }, { source: 'user' }),
      newEvent(events.accountClosed, { userId, accountId: uuidv7() }, { source: 'portfolio' }),
      newEvent(
        events.orderPlaced,
        {
          ...events.orderPlaced.codec.decode(new Uint8Array()),
          userId,
          accountId: uuidv7(),
          orderId: uuidv7(),
          symbol: 'X',
        },
        { source: 'order' },
      ),
    ]);
    await security.publish(...grouped);
    await eventually(async () => {
      const [row] = await security.db`
        select count(*)::int as n, count(*) = max(sequence) and min(sequence) = 1 as gapless from audit_entries
        where sequence > 0`;
      expect(row?.['n']).toBeGreaterThanOrEqual(grouped.length);
      expect(row?.['gapless']).toBe(true);
    });
    const found = await verify();
    expect(found).toMatchObject({ intact: true, firstBadSequence: 0n, problem: '', nextSequence: 0n });
    expect(found.checked).toBeGreaterThanOrEqual(240n);
    expect(found.checkpointsChecked).toBeGreaterThan(5n);
  });

  test('is verified piece by piece where it is long', async () => {
    await loggedIn();
    const first = await auditor().verifyAudit({ fromSequence: 0n, limit: 3n });
    expect(first).toMatchObject({ intact: true, checked: 3n, nextSequence: 4n });
    const rest = await auditor().verifyAudit({ fromSequence: first.nextSequence, limit: 0n });
    expect(rest).toMatchObject({ intact: true, nextSequence: 0n });
    await expect(auditor().verifyAudit({ fromSequence: 1_000_000n, limit: 0n })).rejects.toMatchObject({
      field: 'from_sequence',
    });
  });

  test('is signed to its end after a while, and the signature is published', async () => {
    await loggedIn();
    await eventually(async () => {
      const [row] = await security.db`select sequence, checkpoint_sequence from audit_chain`;
      expect(row?.['checkpoint_sequence']).toBe(row?.['sequence']);
      expect((await security.published(events.auditCheckpointSigned)).at(-1)?.sequence).toBe(row?.['sequence']);
    });
  });

  test.each([
    'update audit_entries set actor = actor',
    'delete from audit_entries',
    'truncate audit_entries',
    'delete from audit_checkpoints',
  ])('%s is refused by the table itself', async (statement) => {
    await loggedIn();
    await expect(security.db.unsafe(statement)).rejects.toThrow('append-only');
  });
});

describe('erasure', () => {
  test('takes the address and the user agent, of late news as well, and leaves the chain whole', async () => {
    const userId = await loggedIn();
    await security.publish(newEvent(events.userErasureStarted, { userId, pseudonym: 'p' }, { source: 'user' }));
    await eventually(async () =>
      expect(await security.published(events.userErased)).toContainEqual({ userId, service: 'security' }),
    );
    await security.publish(login(userId));
    const entries = await eventually(async () => {
      const found = (await query({ actor: userId })).entries;
      expect(found).toHaveLength(2);
      return found;
    });
    for (const { address, details } of entries) {
      expect(address).toBe('');
      expect(details).toEqual({ new_device: 'true' });
    }
    expect(await security.db`select from audit_personal where user_id = ${userId}`).toHaveLength(0);
    expect(await verify()).toMatchObject({ intact: true });
  });
});
