import { type Equivalent, of, type Row } from './equivalent.ts';

export const portfolioEquivalents: readonly Equivalent[] = [
  ...of(
    'services/portfolio/src/domain/corporate-action.ts',
    ["const kept = divideWide(whole, from, 'down');", '""', 'whatever is neither half-even nor up is down'],
    [
      "return toMicros(divideWide(posted * to, from, 'down') - posted);",
      '""',
      'whatever is neither half-even nor up is down',
    ],
    ['const last = ends < qty * from ? ends : qty * from;', 'ends <= qty * from', 'equals are the same'],
    ['const stays = last > begins ? last - begins : 0n;', 'last >= begins', 'of nothing nothing stays'],
    ['const newQty = last > begins ? last / from - begins / from : 0n;', 'last >= begins', 'of nothing comes nothing'],
    [
      'const newQty = last > begins ? last / from - begins / from : 0n;',
      'true',
      'less than nothing opens no lot either',
    ],
  ),
  ...of('services/portfolio/src/domain/buying-power.ts', [
    "buyingPower: scale(usable, inputs.multiplier, CASH_ACCOUNT, 'down'),",
    '""',
    'whatever is neither half-even nor up is down',
  ]),
  ...of(
    'services/portfolio/src/domain/exchange.ts',
    [
      "return toMicros(divideWide(given * numerator, denominator, 'down'));",
      '""',
      'whatever is neither half-even nor up is down',
    ],
    [
      'asOfUs: used.reduce((oldest, { asOfUs }) => (asOfUs < oldest ? asOfUs : oldest), used[0]?.asOfUs ?? 0n),',
      'asOfUs <= oldest',
      'equals are the same',
    ],
  ),
  ...of(
    'services/portfolio/src/domain/fee-schedule.ts',
    [
      'const due = charged < schedule.minimum ? schedule.minimum : charged;',
      'charged <= schedule.minimum',
      'equals are the same',
    ],
    ['return toMicros(due < most ? due : most);', 'due <= most', 'equals are the same'],
    [
      "if (schedule.maximum !== undefined && schedule.maximum < schedule.minimum) return 'fee_maximum_below_minimum';",
      'true',
      'nothing is not less than a number',
    ],
  ),
  ...of(
    'services/portfolio/src/domain/funding.ts',
    ...['settled', 'returned', 'failed'].map(
      (state): Row => [
        `${state}: { hold: undefined, send: undefined, settle: undefined, return: undefined, fail: undefined },`,
        '{}',
        'what is not said is undefined',
      ],
    ),
  ),
  ...of(
    'services/portfolio/src/domain/group.ts',
    ['return toQuantity(left > 0n ? left : 0n);', 'left >= 0n', 'nothing is nothing'],
    [
      '(most, { reservation }) => (reservation.filled > most ? reservation.filled : most),',
      'reservation.filled >= most',
      'equals are the same',
    ],
    [
      'if (first === undefined || legs.length !== LEGS[type]) return false;',
      'false',
      'without a first there are too few',
    ],
    ["const exits = type === 'oco' ? legs : legs.slice(1);", 'false', 'the first is on its own side and as large'],
    ["const exits = type === 'oco' ? legs : legs.slice(1);", '""', 'the first is on its own side and as large'],
  ),
  ...of('services/portfolio/src/domain/imported-account.ts', [
    'one.atUs === other.atUs ? TURNS[one.what] - TURNS[other.what] : one.atUs < other.atUs ? -1 : 1,',
    'one.atUs <= other.atUs',
    'equals were answered before',
  ]),
  ...of('services/portfolio/src/domain/performance.ts', [
    'return toMicros(shown > INT64_MAX ? INT64_MAX : shown);',
    'shown >= INT64_MAX',
    'equals are the same',
  ]),
  ...of(
    'services/portfolio/src/domain/replacement.ts',
    [
      "if (account.kind === 'house' || refuseAction({ status: account.status, kind: account.kind }, 'trade') !== undefined)",
      'false',
      'what is no kind of account does not trade',
    ],
    [
      "if (account.kind === 'house' || refuseAction({ status: account.status, kind: account.kind }, 'trade') !== undefined)",
      '""',
      'what is no kind of account does not trade',
    ],
    [
      'const reservation = withChanged([replacement], changed)[0]?.reservation ?? replacement.reservation;',
      'withChanged([replacement], changed)[0].reservation',
      'of one there is one',
    ],
  ),
  ...of('services/portfolio/src/domain/reservation.ts', [
    'const addedShares = next.qty > old.qty ? slice(next.principal, old.qty, next.qty, next.qty) : ZERO;',
    'next.qty >= old.qty',
    'a stretch of nothing is nothing',
  ]),
  ...of(
    'services/portfolio/src/domain/reserve-group.ts',
    [
      "if (account.kind === 'house' || refuseAction({ status: account.status, kind: account.kind }, 'trade') !== undefined)",
      'false',
      'what is no kind of account does not trade',
    ],
    [
      "if (account.kind === 'house' || refuseAction({ status: account.status, kind: account.kind }, 'trade') !== undefined)",
      '""',
      'what is no kind of account does not trade',
    ],
    [
      'const holds: Reservation | undefined = members[place]?.reservation;',
      'members[place].reservation',
      'there is a member for each leg',
    ],
    [
      'const total = add(needed.get(asset) ?? ZERO, holds?.remaining ?? ZERO);',
      'holds.remaining',
      'there is a member for each leg',
    ],
    [
      "return before.some((held) => held?.reservation.state === 'open') ? 'repeated' : 'closed';",
      'held.reservation',
      'all of them were the same, so all are there',
    ],
  ),
  ...of(
    'services/portfolio/src/domain/settlement-batch.ts',
    ['const open = this.openLots.get(key) ?? [];', '["Stryker was here"]', 'what has no shares left is passed over'],
    [
      'this.openLots.set(key, spent === 0 ? open : open.slice(spent === -1 ? open.length : spent));',
      'false',
      'a copy of all is all',
    ],
  ),
];
