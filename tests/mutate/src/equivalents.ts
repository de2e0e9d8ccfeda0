import { engineEquivalents } from './engine-equivalents.ts';
import { type Equivalent, of } from './equivalent.ts';
import { kitEquivalents } from './kit-equivalents.ts';
import { portfolioEquivalents } from './portfolio-equivalents.ts';
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
  ...engineEquivalents,
  ...kitEquivalents,
  ...portfolioEquivalents,
  ...stockEquivalents,
];
