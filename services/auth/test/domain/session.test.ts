import { describe, expect, test } from 'vitest';
import { decideRefresh, newSession, type Session } from '../../src/domain/session.ts';

const S = 1_000_000n;
const policy = { idleUs: 1000n * S, absoluteUs: 5000n * S, graceUs: 10n * S };
const client = { address: '203.0.113.7', userAgent: 'tab' };
const fresh = newSession({ sessionId: 's', userId: 'u', client }, policy, 0n);
/** The third generation, since second 100. */
const later: Session = { ...fresh, generation: 3n, rotatedAtUs: 100n * S, endsAtUs: 1100n * S };

describe('a refresh token', () => {
  test.each<
    [
      rule: string,
      session: Session,
      generation: bigint,
      second: bigint,
      outcome: object,
      userAgent?: string,
      address?: string,
    ]
  >([
    ['of the current generation starts the next', later, 3n, 500n, { type: 'rotated', session: { generation: 4n } }],
    ['of the one before works within the grace', later, 2n, 110n, { type: 'in_grace', session: { generation: 3n } }],
    ['and the grace does not begin anew by being used', later, 2n, 110n, { session: { rotatedAtUs: 100n * S } }],
    ['within the grace from elsewhere it is a copy', later, 2n, 101n, { type: 'reused' }, 'elsewhere'],
    [
      'within the grace from the same network it is a second tab',
      later,
      2n,
      101n,
      { type: 'in_grace' },
      'tab',
      '::ffff:203.0.113.7',
    ],
    ['within the grace from another network it is a copy', later, 2n, 101n, { type: 'reused' }, 'tab', '203.0.113.8'],
    ['after the grace it is a copy', later, 2n, 111n, { type: 'reused' }],
    ['of two generations ago it is a copy even within the grace', later, 1n, 101n, { type: 'reused' }],
    ['of a revoked session is refused', { ...later, revoked: true }, 3n, 101n, { reason: 'session_revoked' }],
    ['a copy of a revoked session is refused, not news', { ...later, revoked: true }, 1n, 101n, { type: 'refused' }],
    ['works until the idle limit', later, 3n, 1099n, { type: 'rotated' }],
    ['is refused at the idle limit', later, 3n, 1100n, { type: 'refused', reason: 'session_expired' }],
    ['moves the idle limit', later, 3n, 500n, { session: { endsAtUs: 1500n * S } }],
    [
      'never moves it past the absolute limit',
      { ...later, endsAtUs: 4999n * S },
      3n,
      4900n,
      { session: { endsAtUs: 5000n * S } },
    ],
    [
      'notes where it came from',
      later,
      3n,
      500n,
      { session: { userAgent: 'elsewhere', lastSeenAtUs: 500n * S } },
      'elsewhere',
    ],
  ])('%s', (_, session, generation, second, outcome, userAgent = 'tab', address = client.address) => {
    const decision = decideRefresh(session, generation, { address, userAgent }, policy, second * S);
    expect(decision).toMatchObject(outcome);
  });

  test('of the first generation is what a sign-in gives', () => {
    expect(fresh).toMatchObject({ generation: 1n, endsAtUs: 1000n * S, expiresAtUs: 5000n * S });
  });
});
