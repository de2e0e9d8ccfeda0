import { engineEquivalents } from './engine-equivalents.ts';
import { type Equivalent, of, type Row } from './equivalent.ts';
import { stockEquivalents } from './stock-equivalents.ts';

export const equivalents: readonly Equivalent[] = [
  ...of(
    'packages/money/src/money.ts',
    ['const sign = total < 0n ? -1n : 1n;', 'total <= 0n', 'nothing has no sign'],
    ['const unsigned = total * sign;', 'total / sign', 'by one or minus one'],
    ['return parts.map(({ part }) => exact(part * sign));', 'part / sign', 'by one or minus one'],
    [
      'return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;',
      'dividend <= 0n',
      'there is a remainder, so it is not zero',
    ],
    [
      'return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;',
      'divisor <= 0n',
      'a divisor of zero was refused',
    ],
    ['return left < right ? left : right;', 'left <= right', 'equals are the same'],
    ['return left > right ? left : right;', 'left >= right', 'equals are the same'],
    ['return left < right ? -1 : 1;', 'left <= right', 'equals were answered before'],
    ['return value < 0n ? -value : value;', 'value <= 0n', 'a bigint has no negative zero'],
  ),
  ...of(
    'packages/money/src/decimal.ts',
    ['const magnitude = value < 0n ? 0n - value : BigInt(value);', 'value <= 0n', 'zero is its own negative'],
    ["const [, sign, whole, fraction = ''] = SHAPE.exec(text) ?? [];", '["Stryker was here"]', 'the first is not read'],
    [
      "if (sign === undefined || whole === undefined) return 'not_a_decimal';",
      'sign === undefined && whole === undefined',
      'both are found or neither',
    ],
    [
      "if (sign === undefined || whole === undefined) return 'not_a_decimal';",
      'false',
      'the other half finds the same',
    ],
  ),
  ...of('packages/money/src/fx.ts', [
    "let given = divide((2n * wanted - 1n) * divisor, 2n * multiplier, 'down');",
    '""',
    'whatever is neither half-even nor up is down',
  ]),
  ...of(
    'services/security/src/domain/grant.ts',
    [
      "if (granter.kind === 'user' && granter.userId === userId) return refused('self_grant');",
      'true',
      'a service has no user id that could be the same',
    ],
    [
      "if (expiresAtUs !== undefined && expiresAtUs <= atUs) return refused('expiry_not_in_future');",
      'true',
      'nothing is not less than a number',
    ],
    [
      'if (current !== undefined && expiresAtUs !== undefined && isLastLasting(current, granting))',
      'true',
      'what lasts and is to last was answered as unchanged',
    ],
  ),
  ...of('services/auth/src/domain/api-key.ts', [
    "if (PERSONAL.has(scope.split(':')[0] ?? '')) return 'is for people only, never for a key';",
    '"Stryker was here!"',
    'what is split has a first part',
  ]),
  ...of(
    'packages/kit/src/base/address.ts',
    [
      "const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');",
      '"Stryker was here!"',
      'what is split has a first part',
    ],
    [
      "const after = tail === '' ? [] : tail.split(':');",
      '["Stryker was here"]',
      'it is the eighth group, and four are read',
    ],
    ["const after = tail === '' ? [] : tail.split(':');", 'false', 'an empty group is the eighth, and four are read'],
    [
      "const after = tail === '' ? [] : tail.split(':');",
      '"Stryker was here!"',
      'an empty group is the eighth, and four are read',
    ],
  ),
  ...of('services/auth/src/domain/key-ring.ts', [
    'const byAge = keys.toSorted((a, b) => (a.activeFromUs < b.activeFromUs ? -1 : 1));',
    'a.activeFromUs <= b.activeFromUs',
    'keys are made under a lock, and no two begin in one microsecond',
  ]),
  ...of('services/auth/src/domain/lockout.ts', [
    'return delayUs < maxDelayUs ? delayUs : maxDelayUs;',
    'delayUs <= maxDelayUs',
    'equals are the same',
  ]),
  ...of('services/auth/src/domain/session.ts', ['return a < b ? a : b;', 'a <= b', 'equals are the same']),
  ...of(
    'services/order/src/domain/judge-group.ts',
    [
      "if (profit === undefined || stop === undefined) return refuse('group_invalid', 'legs');",
      undefined,
      'how many there are was looked at before',
    ],
    ['if (first === undefined || legs.length !== legsOf[type]) {', 'false', 'without a first there are too few'],
    [
      "const placement = judgeOrder(leg, market, collars, isExit(type, index) && type !== 'oco' ? 'exit' : 'single');",
      '""',
      'what is not single is an exit',
    ],
  ),
  ...of('services/order/src/domain/ended-order.ts', [
    'const others = { replaces: undefined, replacedBy: undefined };',
    '{}',
    'nothing is said of either',
  ]),
  ...of(
    'services/order/src/domain/judge-order.ts',
    [
      "if (!mayWait(spec) && !isOpen(clock)) return refuse('market_closed', '', { opens_at_us: clock?.nextOpenUs ?? 0n });",
      'clock.nextOpenUs',
      'without a clock it counts as open',
    ],
    [
      "? refuse('market_closed', '', { opens_at_us: clock?.nextOpenUs ?? 0n })",
      'clock.nextOpenUs',
      'without a clock it counts as open',
    ],
    [
      "if (limitPx !== 0n && !onTick(instrument, limitPx)) return offTick(instrument, 'limit_px', limitPx);",
      'true',
      'nothing is on every tick',
    ],
    [
      "if (stopPx !== 0n && !onTick(instrument, stopPx)) return offTick(instrument, 'stop_px', stopPx);",
      'true',
      'nothing is on every tick',
    ],
    [
      'if (quote === undefined || touch(quote, side) === 0n) return false;',
      'false',
      'without a quote the best price is nothing',
    ],
    ['return most > best ? most : ceilToTick(instrument, best);', 'most >= best', 'equals are on the tick'],
    ['return own > 0n && own < ceiling ? own : ceiling;', 'own <= ceiling', 'equals are the same'],
    ['market: { limit: false, stop: false, trail: false },', '{}', 'what is not said is false'],
  ),
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
  ...of(
    'services/gateway/src/limits/document-limits.ts',
    ['readonly #within: string[] = [];', '["Stryker was here"]', 'no fragment has a name with blanks'],
    ['if (own !== undefined && own > MAX_DEPTH) {', 'true', 'nothing is not more than a number'],
    [
      'return this.#selections(selections, merged, own === undefined ? undefined : own + 1);',
      'false',
      'one more than nothing is no number, and not more than one',
    ],
  ),
  ...of(
    'services/gateway/src/limits/optimistic-limiter.ts',
    [
      'const NOTHING: LimitState = { allowed: false, limit: 0, remaining: 0, resetMs: 0 };',
      '{}',
      'where nothing is said nothing is allowed',
    ],
    [
      'const NOTHING: LimitState = { allowed: false, limit: 0, remaining: 0, resetMs: 0 };',
      'true',
      'with nothing remaining nobody is far from the limit',
    ],
  ),
  ...of(
    'services/gateway/src/limits/query-cost.ts',
    [
      'const hasVariables = (operation.variableDefinitions ?? []).length > 0;',
      '["Stryker was here"]',
      'what was parsed has a list, though it be empty',
    ],
    [
      "known.set(operation, hasVariables && asksArguments(schema, document) ? 'varies' : complexity);",
      '""',
      'only that it is no number is read',
    ],
    [
      "if (typeof types.getFieldDef()?.extensions['complexity'] !== 'function') return undefined;",
      'types.getFieldDef().extensions',
      'a field that is not in the schema was refused before',
    ],
  ),
  ...of(
    'packages/kit/src/rpc/client-retries.ts',
    [
      'if (tokens < BUDGET) tokens = Math.min(BUDGET, tokens + BACK_AGAIN);',
      'tokens <= BUDGET',
      'with all of them there are no more',
    ],
    [
      'if (tokens < BUDGET) tokens = Math.min(BUDGET, tokens + BACK_AGAIN);',
      'true',
      'with all of them there are no more',
    ],
    ["signal?.addEventListener('abort', hangUp, { once: true });", '{}', 'it is taken away when it is told'],
    ["signal?.addEventListener('abort', hangUp, { once: true });", 'false', 'it is taken away when it is told'],
  ),
  ...of(
    'packages/kit/src/inbox/apply-batch.ts',
    ['if (known.length === 0) return { fresh, differing: [] };', 'false', 'of nothing nothing is found'],
    ["const state = sqlState(error) ?? '';", '"Stryker was here!"', 'no state begins like that'],
  ),
  ...of('packages/kit/src/inbox/apply-letters.ts', [
    'if (signal.aborted) return false;',
    'true',
    'the end is seen before the next one is begun',
  ]),
  ...of('packages/kit/src/inbox/dead-letters.ts', ['return row?.letters ?? 0;', 'row.letters', 'a count is one row']),
  ...of(
    'packages/kit/src/rpc/client-batch.ts',
    ['const open = new OpenCalls(() => stream?.cancel());', 'stream.cancel', 'nobody gives up before it is made'],
    ...['true', 'open.count >= 0'].map(
      (to): Row => [
        "if (open.count > 0) open.failAll(serviceError(status.INTERNAL, 'the service left a call without an answer'));",
        to,
        'of nobody nobody fails',
      ],
    ),
    ['this.#take(at)?.departing.reject(error);', 'this.#take(at).departing', 'what has ended is not given up'],
    [
      'const hangUp = signal === undefined ? undefined : (): void => giveUp(cancelled());',
      'false',
      'without a signal nobody listens',
    ],
    [
      "if (hangUp !== undefined) signal?.addEventListener('abort', hangUp, { once: true });",
      'true',
      'without a signal nobody listens',
    ],
    [
      "if (hangUp !== undefined) signal?.addEventListener('abort', hangUp, { once: true });",
      'signal.addEventListener',
      'whoever may hang up has one',
    ],
    ...['{}', 'false'].map(
      (to): Row => [
        "if (hangUp !== undefined) signal?.addEventListener('abort', hangUp, { once: true });",
        to,
        'a signal ends once',
      ],
    ),
    [
      "if (open.hangUp !== undefined) open.departing.call.signal?.removeEventListener('abort', open.hangUp);",
      'true',
      'without a signal nobody listens',
    ],
    [
      "if (open.hangUp !== undefined) open.departing.call.signal?.removeEventListener('abort', open.hangUp);",
      'open.departing.call.signal.removeEventListener',
      'whoever may hang up has one',
    ],
  ),
  ...of(
    'packages/kit/src/rpc/client.ts',
    ...['{}', 'false'].map(
      (to): Row => ["given?.signal?.addEventListener('abort', hangUp, { once: true });", to, 'a signal ends once'],
    ),
  ),
  ...of(
    'packages/kit/src/rpc/client-unary.ts',
    ...['{}', 'false'].map(
      (to): Row => ["signal?.addEventListener('abort', hangUp, { once: true });", to, 'a signal ends once'],
    ),
  ),
  ...of(
    'packages/kit/src/rpc/server-batch.ts',
    ...['true', 'this.#ready.length >= 0'].map(
      (to): Row => [
        'if (this.#ready.length > 0 && this.#bytes + answer.response.length > MESSAGE_BYTES) this.#send();',
        to,
        'of nothing nothing is sent',
      ],
    ),
  ),
  ...of('packages/kit/src/rpc/server-unary.ts', [
    'if (context === undefined) write();',
    'false',
    'of no context the log takes nothing',
  ]),
  ...of('packages/kit/src/rpc/span-attributes.ts', [
    "const [service = '', method = ''] = path.slice(1).split('/');",
    '"Stryker was here!"',
    'there is always a first part; the second is tested',
  ]),
  ...of(
    'packages/kit/src/rpc/status.ts',
    ['if (bytes === undefined) return undefined;', 'false', 'what cannot be read is none'],
    ['} catch {', '{}', 'nothing is returned either way'],
  ),
  ...of('packages/kit/src/rpc/status.ts', [
    'return Buffer.isBuffer(bytes) ? bytes : undefined;',
    'true',
    'under a name that ends so there are bytes or nothing',
  ]),
  ...engineEquivalents,
  ...stockEquivalents,
];
