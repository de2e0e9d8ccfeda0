import { describe, expect, test } from 'vitest';
import { afterRefusedReplacement, applyReport, type Report, reportTypes, transitions } from '../src/domain/life.ts';
import { newLife } from '../src/domain/new-order.ts';
import { engineStatuses, hasEnded, type OrderLife, statusOf } from '../src/domain/order.ts';
import { reportOf } from './domain-fixture.ts';

const life = (of: Partial<OrderLife> = {}): OrderLife => ({ ...newLife(10n, 0n, 1n), ...of });
const resting = life({ status: 'new', awaitingSinceUs: 0n, acknowledgedAtUs: 2n });

/** [rule, the order before, the report, what it is then, how it did not fit]. */
const cases: [string, OrderLife, Report, object | undefined, string?][] = [
  [
    'the first word acknowledges it',
    life(),
    reportOf('new', 'new'),
    { status: 'new', acknowledgedAtUs: 9n, awaitingSinceUs: 0n },
  ],
  ['it may be queued', life(), reportOf('new', 'accepted'), { status: 'accepted' }],
  [
    'a fill adds up',
    resting,
    reportOf('fill', 'partially_filled', { lastQty: 4n, cumQty: 4n, leavesQty: 6n, avgPx: 7n }),
    { status: 'partially_filled', cumQty: 4n, leavesQty: 6n, avgPx: 7n },
  ],
  [
    'the last fill ends it',
    resting,
    reportOf('fill', 'filled', { lastQty: 10n, cumQty: 10n, leavesQty: 0n }),
    { status: 'filled', finishedAtUs: 9n, pending: undefined },
  ],
  [
    'an end settles what was pending',
    life({ status: 'new', pending: 'cancel', awaitingSinceUs: 3n }),
    reportOf('canceled', 'canceled', { leavesQty: 0n, reason: 'user_requested' }),
    { status: 'canceled', pending: undefined, awaitingSinceUs: 0n, reason: 'user_requested' },
  ],
  [
    'a fill leaves a cancel pending',
    life({ status: 'new', pending: 'cancel', awaitingSinceUs: 3n }),
    reportOf('fill', 'partially_filled', { lastQty: 1n, cumQty: 1n, leavesQty: 9n }),
    { pending: 'cancel', awaitingSinceUs: 3n },
  ],
  [
    'acknowledging it leaves a cancel pending',
    life({ pending: 'cancel' }),
    reportOf('new', 'new'),
    { status: 'new', pending: 'cancel', awaitingSinceUs: 1n },
  ],
  [
    'a refused cancel is over',
    life({ status: 'new', pending: 'cancel', awaitingSinceUs: 3n }),
    reportOf('cancel_rejected', 'rejected'),
    { status: 'new', pending: undefined, awaitingSinceUs: 0n },
  ],
  [
    'a refused cancel of what has ended says nothing',
    life({ status: 'filled', finishedAtUs: 5n }),
    reportOf('cancel_rejected', 'rejected'),
    undefined,
  ],
  [
    'a replaced order names the other',
    resting,
    reportOf('replaced', 'replaced', { leavesQty: 0n, replacedBy: 'n' }),
    { status: 'replaced', replacedBy: 'n' },
  ],
  [
    'the other takes over its fills',
    life(),
    reportOf('new', 'partially_filled', { cumQty: 4n, leavesQty: 8n, qty: 12n }),
    { cumQty: 4n, qty: 12n },
  ],
  [
    'one that was to be smaller than what the old had traded by then is as large as that',
    life(),
    reportOf('new', 'filled', { cumQty: 12n, leavesQty: 0n, qty: 12n }),
    { status: 'filled', cumQty: 12n, qty: 12n, finishedAtUs: 9n },
  ],
  [
    'a refused replacement never was',
    life(),
    reportOf('replace_rejected', 'rejected', { leavesQty: 0n, reason: 'too_late' }),
    { status: 'rejected', reason: 'too_late' },
  ],
  [
    'a leg shrinks with the other',
    resting,
    reportOf('restated', 'new', { qty: 6n, leavesQty: 6n }),
    { qty: 6n, leavesQty: 6n },
  ],
  [
    'a stop is triggered',
    life({ status: 'accepted', awaitingSinceUs: 0n }),
    reportOf('triggered', 'new', { stopPx: 5n }),
    { status: 'new', stopPx: 5n },
  ],
  [
    'a command that was sent twice changes nothing',
    resting,
    reportOf('rejected', 'rejected', { reason: 'duplicate_order_id' }),
    undefined,
  ],
  [
    'a repeated command before the first word',
    life(),
    reportOf('rejected', 'rejected', { reason: 'duplicate_order_id' }),
    undefined,
    'duplicate_before_new',
  ],
  [
    'after the end nothing fits',
    life({ status: 'filled', finishedAtUs: 5n, cumQty: 10n }),
    reportOf('canceled', 'canceled', { cumQty: 10n }),
    undefined,
    'order_ended',
  ],
  [
    'less than is known',
    life({ status: 'partially_filled', cumQty: 5n, awaitingSinceUs: 0n }),
    reportOf('fill', 'partially_filled', { lastQty: 1n, cumQty: 4n }),
    undefined,
    'behind',
  ],
  [
    'a fill before the first word',
    life(),
    reportOf('fill', 'filled', { lastQty: 10n, cumQty: 10n, leavesQty: 0n }),
    { status: 'filled', cumQty: 10n },
    'gap',
  ],
  [
    'a fill after one that was lost',
    resting,
    reportOf('fill', 'partially_filled', { lastQty: 2n, cumQty: 5n, leavesQty: 5n }),
    { cumQty: 5n },
    'gap',
  ],
  [
    'a fill that leaves the order new',
    resting,
    reportOf('fill', 'new', { lastQty: 1n, cumQty: 1n }),
    undefined,
    'status_impossible',
  ],
  [
    'a replacement that was sent twice changes nothing',
    resting,
    reportOf('replace_rejected', 'rejected', { reason: 'duplicate_order_id' }),
    undefined,
  ],
  [
    'another report may have that reason and be news',
    resting,
    reportOf('canceled', 'canceled', { leavesQty: 0n, reason: 'duplicate_order_id' }),
    { status: 'canceled', reason: 'duplicate_order_id' },
  ],
  [
    'what a report does not say stays as it was',
    life({
      status: 'new',
      awaitingSinceUs: 0n,
      acknowledgedAtUs: 2n,
      reason: 'why',
      stopPx: 3n,
      waterMarkPx: 4n,
      replacedBy: 'n',
    }),
    reportOf('restated', 'new', { qty: 0n, leavesQty: 6n }),
    {
      reason: 'why',
      stopPx: 3n,
      waterMarkPx: 4n,
      replacedBy: 'n',
      qty: 10n,
      acknowledgedAtUs: 2n,
      finishedAtUs: 0n,
      updatedAtUs: 9n,
    },
  ],
  [
    'and what it says is so',
    life({ status: 'new', awaitingSinceUs: 0n, reason: 'why', stopPx: 3n, waterMarkPx: 4n }),
    reportOf('restated', 'new', { reason: 'because', stopPx: 5n, waterMarkPx: 6n, qty: 8n, leavesQty: 8n }),
    { reason: 'because', stopPx: 5n, waterMarkPx: 6n, qty: 8n },
  ],
  [
    'the size of what has ended is that which it had',
    resting,
    reportOf('canceled', 'canceled', { qty: 3n, leavesQty: 0n }),
    { status: 'canceled', qty: 10n, finishedAtUs: 9n },
  ],
  [
    'a report out of turn leaves it awaited',
    life({ awaitingSinceUs: 3n }),
    reportOf('restated', 'held', { qty: 6n, leavesQty: 6n }),
    { status: 'held', awaitingSinceUs: 0n },
    'gap',
  ],
  [
    'a cancel of more than was known is taken over',
    resting,
    reportOf('canceled', 'canceled', { cumQty: 4n, leavesQty: 0n }),
    { status: 'canceled', cumQty: 4n },
    'gap',
  ],
  ['a cancel that was sent twice is answered twice', resting, reportOf('cancel_rejected', 'rejected'), undefined],
];

describe('what a report makes of an order', () => {
  test.each(cases)('%s', (_, before, given, after, misfit) => {
    const applied = applyReport(before, given);
    if (after === undefined) expect(applied.life).toBeUndefined();
    else expect(applied.life).toMatchObject({ ...after, version: before.version + 1n });
    expect(applied.misfit).toBe(misfit);
  });
});

describe('the table of transitions', () => {
  test('no report takes an order out of its end, and none is forgotten', () => {
    for (const type of reportTypes) {
      expect(transitions[type].from.filter(hasEnded)).toEqual([]);
      for (const status of engineStatuses.filter(hasEnded)) {
        expect(
          applyReport(life({ status, finishedAtUs: 5n }), reportOf(type, transitions[type].to[0] ?? 'rejected')).life,
        ).toBeUndefined();
      }
    }
  });

  test('every state but the first can be reached, and every state but an end can be left', () => {
    const reached = new Set(reportTypes.flatMap((type) => transitions[type].to));
    const left = new Set(
      reportTypes.flatMap((type) => (transitions[type].to.length > 0 ? transitions[type].from : [])),
    );
    expect(engineStatuses.filter((status) => status !== 'pending_new' && !reached.has(status))).toEqual([]);
    expect(engineStatuses.filter((status) => !hasEnded(status) && !left.has(status))).toEqual([]);
  });

  test('is what the engine does', () => {
    const anywhere = 'accepted held new partially_filled';
    const said = reportTypes.map((type) => [
      type,
      `${transitions[type].from.join(' ')} > ${transitions[type].to.join(' ')}`,
    ]);
    expect(Object.fromEntries(said)).toEqual({
      new: 'pending_new > accepted held new partially_filled filled',
      fill: 'accepted new partially_filled > partially_filled filled',
      canceled: `${anywhere} > canceled`,
      replaced: `${anywhere} > replaced`,
      expired: `${anywhere} > expired`,
      rejected: 'pending_new > rejected',
      triggered: 'accepted partially_filled > new partially_filled',
      restated: `${anywhere} > ${anywhere}`,
      cancel_rejected: `${anywhere} > `,
      replace_rejected: 'pending_new > rejected',
    });
  });

  test('what fits by the table is applied without a word, everything else is told of', () => {
    for (const type of reportTypes) {
      for (const to of transitions[type].to) {
        for (const from of engineStatuses.filter((status) => !hasEnded(status))) {
          const awaitingSinceUs = from === 'pending_new' ? 1n : 0n;
          const given = reportOf(type, to, hasEnded(to) ? { leavesQty: 0n } : {});
          const { misfit } = applyReport(life({ status: from, awaitingSinceUs }), given);
          expect([type, to, from, misfit]).toEqual([
            type,
            to,
            from,
            transitions[type].from.includes(from) ? undefined : 'gap',
          ]);
        }
      }
    }
  });
});

test('what is awaited is what is pending: in every state that can come about', () => {
  const states = [
    life(),
    resting,
    life({ status: 'new', pending: 'cancel', awaitingSinceUs: 3n }),
    life({ pending: 'replace' }),
  ];
  for (const before of states) {
    for (const type of reportTypes) {
      for (const to of [...transitions[type].to, 'rejected' as const]) {
        const after = applyReport(before, reportOf(type, to)).life;
        if (after !== undefined)
          expect(after.awaitingSinceUs > 0n).toBe(after.status === 'pending_new' || after.pending !== undefined);
      }
    }
  }
});

test('an order whose place was not taken is as it was before', () => {
  const before = life({ status: 'new', pending: 'replace', awaitingSinceUs: 3n });
  expect(statusOf(before)).toBe('pending_replace');
  expect(statusOf(afterRefusedReplacement(before, 5n))).toBe('new');
  expect(afterRefusedReplacement(before, 5n)).toMatchObject({ updatedAtUs: 5n, version: 2n, awaitingSinceUs: 0n });
  const unheard = life({ pending: 'replace', awaitingSinceUs: 3n });
  expect(afterRefusedReplacement(unheard, 5n)).toMatchObject({ pending: undefined, awaitingSinceUs: 3n });
  expect(afterRefusedReplacement(resting, 5n)).toBe(resting);
});
