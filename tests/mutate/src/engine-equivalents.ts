import { type Equivalent, of, type Row } from './equivalent.ts';

export const engineEquivalents: readonly Equivalent[] = [
  ...of(
    'services/engine/src/domain/auction.ts',
    ...['true', 'bids.best !== NONE || asks.best !== NONE'].map(
      (to): Row => [
        'bids.best !== NONE && asks.best !== NONE && priceOf(levels, bids, bids.best) >= priceOf(levels, asks, asks.best)',
        to,
        'the price of an empty side is no number, and less than nothing',
      ],
    ),
    [
      'const best: Best = { price: 0, volume: -1, imbalance: 0 };',
      '{}',
      'the first price is taken, whatever it is compared with',
    ],
    ...['false', 'low < point.price'].map(
      (to): Row => [
        'if (low <= point.price || high >= next.price || low > high) return;',
        to,
        'what is ceiled lies above',
      ],
    ),
    [
      'const imbalance = Math.abs(demand - supply);',
      'demand + supply',
      'of one volume the sum grows with what is left',
    ],
    ...['false', 'true', 'until / bookSide.sign'].map(
      (to): Row => [
        'if (levels.key[level]! < until * bookSide.sign) return false;',
        to,
        'beyond the crossing nothing trades',
      ],
    ),
    ['if (sameUser(orders, bid, ask)) return;', 'false', 'such pairs were taken out before'],
    [
      'const bidFirst = orders.arrival(bid) < orders.arrival(ask);',
      'orders.arrival(bid) <= orders.arrival(ask)',
      'no two arrive at once',
    ],
    [
      'if (sameUser(orders, bid, ask)) return orders.arrival(bid) > orders.arrival(ask) ? bid : ask;',
      'orders.arrival(bid) >= orders.arrival(ask)',
      'no two arrive at once',
    ],
    [
      'if (bidLeft === 0 && ++b < bids.length) bidLeft = orders.leaves(bids[b]!);',
      '++b <= bids.length',
      'the walk ends there',
    ],
    [
      'if (askLeft === 0 && ++a < asks.length) askLeft = orders.leaves(asks[a]!);',
      '++a <= asks.length',
      'the walk ends there',
    ],
    ...['true', 'price / bookSide.sign'].map(
      (to): Row => [
        'if (levels.key[level]! < price * bookSide.sign) return false;',
        to,
        'what comes after is worse, and a sign is one',
      ],
    ),
  ),
  ...of(
    'services/engine/src/domain/book-side.ts',
    ['const level = levelFor(levels, bookSide, price * bookSide.sign);', 'price / bookSide.sign', 'a sign is one'],
    ...['bookSide.best === NONE', 'false', 'true'].map(
      (to): Row => [
        'if (bookSide.best !== NONE && levels.key[bookSide.best] === key) return bookSide.best;',
        to,
        'the search finds it too, and no level has no key',
      ],
    ),
    ['for (let i = chunk.size; i > position; i--) {', 'i >= position', 'what comes into the place is written over'],
    ...['false', 'chunks[high]!.keys[0]! < key'].map(
      (to): Row => ['if (chunks[high]!.keys[0]! <= key) return high;', to, 'the search finds it too'],
    ),
    ['if (position > chunk.size) {', 'position >= chunk.size', 'the end of one is the beginning of the other'],
    [
      'const chunkAt = level === bookSide.best ? chunks.length - 1 : chunkFor(chunks, key);',
      'false',
      'the search finds it too',
    ],
    [
      'const from = level === bookSide.best ? chunk.size - 1 : positionIn(chunk, key);',
      'false',
      'the search finds it too',
    ],
    [
      'const from = level === bookSide.best ? chunk.size - 1 : positionIn(chunk, key);',
      'chunk.size + 1',
      'nothing follows the best',
    ],
    ['for (let i = from; i < chunk.size; i++) {', 'i <= chunk.size', 'what lies beyond is not read'],
  ),
  ...of(
    'services/engine/src/domain/changing.ts',
    ['if (book === undefined || reason !== Reason.none) {', 'false', 'without a book there is a reason'],
    [
      'const side = old === NONE ? Side.buy : orders.side(old);',
      'false',
      'the side of none is written as the first, which is to buy',
    ],
    [
      'const replaced = old === NONE ? strangerSlot(state, command) : old;',
      'true',
      'of what was to be replaced the report has the id alone',
    ],
    [
      'const moves = orders.hasFlag(old, Flag.postOnly) && command.limitPrice !== orders.price(old);',
      'true',
      'where it stands it crosses nothing',
    ],
    [
      'if (moves && orders.location(old) === Location.book && isContinuous(book)) {',
      'true',
      'what may not take stands in the book',
    ],
    ...['true', 'false', 'location !== Location.trailing'].map(
      (to): Row => [
        'if (location === Location.trailing) widenBounds(book, orders, replacement);',
        to,
        'the trail is that of the old order',
      ],
    ),
    [
      'if (location === Location.trailing) widenBounds(book, orders, replacement);',
      ';',
      'the trail is that of the old order',
    ],
    ['orders.setLocation(old, Location.nowhere);', ';', 'it has ended'],
    ...[
      'if (sibling !== NONE) orders.setSibling(sibling, replacement);',
      'if (parent !== NONE && orders.child(parent) === old) orders.setChild(parent, replacement);',
      'if (orders.sibling(child) !== NONE) orders.setParent(orders.sibling(child), replacement);',
    ].map((line): Row => [line, 'true', 'what is written of no order is written nowhere']),
    ...['orders.setSibling(old, NONE);', 'orders.setParent(old, NONE);', 'orders.setChild(old, NONE);'].map(
      (line): Row => [line, ';', 'it has ended'],
    ),
    ['if (slot === NONE || !ownedBy(orders, slot, command.accountId)) return NONE;', 'false', 'no order is nobody’s'],
  ),
  ...of(
    'services/engine/src/domain/command.ts',
    ...["kind: '',", "symbol: '',"].map((line): Row => [line, '"Stryker was here!"', 'every command says it']),
  ),
  ...of(
    'services/engine/src/domain/ending.ts',
    [
      'if (orders.hasFlag(slot, Flag.grouped)) endRest(state, book, slot, reason);',
      'true',
      'one alone has nobody to end',
    ],
    ['orders.setChild(slot, NONE);', ';', 'the entry has ended'],
    ['orders.setParent(child, NONE);', ';', 'the entry has ended'],
    ['if (second !== NONE) orders.setParent(second, NONE);', undefined, 'the entry has ended'],
    ['if (parent !== NONE && isLive(orders.status(parent))) {', undefined, 'who has an entry has a live one'],
    ['orders.setSibling(slot, NONE);', ';', 'it has ended'],
    ['orders.setParent(slot, NONE);', ';', 'it has ended'],
    ['if (sibling !== NONE) {', 'true', 'what is written of no order is written nowhere'],
    ['orders.setParent(sibling, NONE);', ';', 'its entry ends with it or has ended'],
    ['if (parent !== NONE) orders.setChild(parent, NONE);', 'true', 'what is written of no order is written nowhere'],
  ),
  ...of(
    'services/engine/src/domain/engine.ts',
    ...['true', 'state.agenda.length >= 0'].map(
      (to): Row => ['if (state.agenda.length > 0) runAgenda(state);', to, 'of nothing there is nothing to do'],
    ),
    ['orders.setLocation(slot, Location.nowhere);', ';', 'what runs stands in nothing either'],
    ...['true', 'orders.child(slot) !== NONE || !isLive(orders.status(slot))'].map(
      (to): Row => [
        '} else if (orders.child(slot) !== NONE && !isLive(orders.status(slot))) {',
        to,
        'what is there and does not run is an entry that is done',
      ],
    ),
  ),
  ...of(
    'services/engine/src/domain/house-quotes.ts',
    ...['true', 'bid <= (bids.at(-1)?.price ?? Number.POSITIVE_INFINITY)', '+1'].map(
      (to): Row => [
        'if (fullness < 1 && bid > 0 && bid < (bids.at(-1)?.price ?? Number.POSITIVE_INFINITY))',
        to,
        'a step is at least a tick',
      ],
    ),
    ...['true', 'ask >= (asks.at(-1)?.price ?? 0)', '+1'].map(
      (to): Row => [
        'if (fullness > -1 && ask > (asks.at(-1)?.price ?? 0)) asks.push({ price: ask, qty });',
        to,
        'a step is at least a tick',
      ],
    ),
  ),
  ...of(
    'services/engine/src/domain/id-table.ts',
    ['pairs: new Int32Array(FIRST_PAIRS * 2),', 'FIRST_PAIRS / 2', 'it grows when it is half full'],
    ['if (pairs[at] !== hash) continue;', 'false', 'the words are compared as well'],
    [
      'if (int[word] === a && int[word | 1] === b && int[word | 2] === c && int[word | 3] === d) return value - 1;',
      'true',
      'ids that differ in that word alone have different hashes',
    ],
    [
      'return (mayHold(table.young, hash) || mayHold(table.old, hash)) && hasEnded(table, id);',
      'true',
      'the first look only spares the second',
    ],
    [
      'if (++table.live * 4 > table.pairs.length) widen(table);',
      '++table.live * 4 >= table.pairs.length',
      'half full is soon enough',
    ],
    ['for (let at = 0; at < pairs.length; at += 2) {', 'at <= pairs.length', 'behind the end there is nothing'],
    [
      'if (pairs[at | 1] !== 0) insert(table.pairs, pairs[at]!, pairs[at | 1]!);',
      'true',
      'nothing is written as nothing',
    ],
  ),
  ...of(
    'services/engine/src/domain/matching.ts',
    ...['true', 'price / opposite.sign'].map(
      (to): Row => [
        'return opposite.best !== NONE && state.levels.key[opposite.best]! >= price * opposite.sign;',
        to,
        'no level has no price, and a sign is one',
      ],
    ),
    ['const limitKey = orders.price(slot) * opposite.sign;', 'orders.price(slot) / opposite.sign', 'a sign is one'],
    ['const price = key * opposite.sign;', 'key / opposite.sign', 'a sign is one'],
    [
      'if (level !== NONE) levels.qty[level] = levels.qty[level]! - qty;',
      'true',
      'what is written of no level is written nowhere',
    ],
    ['if (orders.child(slot) !== NONE) state.agenda.push(slot);', 'true', 'it is asked again'],
    ['if (flags & Flag.grouped) shrinkSibling(state, book, slot, qty);', 'true', 'one alone has no sibling'],
    ...['true', 'false'].map(
      (to): Row => ['if (levels.key[level]! < limitKey) return false;', to, 'the first look only spares the second'],
    ),
    ...['true', 'offered <= wanted'].map(
      (to): Row => ['return offered < wanted;', to, 'the first look only spares the second'],
    ),
    ['if (offered < wanted) return false;', 'false', 'the first look only spares the second'],
    ...['true', 'left >= 0'].map(
      (to): Row => [
        'for (let maker = levels.head[level]!; maker !== NONE && left > 0; maker = orders.next(maker)) {',
        to,
        'what is enough stays enough',
      ],
    ),
    ...['true', 'left >= 0'].map((to): Row => ['return left > 0;', to, 'what is enough stays enough']),
    [
      'if (sibling === NONE || orders.location(sibling) !== Location.book) return false;',
      'false',
      'no order stands nowhere',
    ],
    ['if (theirs !== own) return theirs > own;', 'theirs >= own', 'they differ'],
    ...['orders.arrival(sibling) <= orders.arrival(slot)', 'orders.arrival(sibling) >= orders.arrival(slot)'].map(
      (to): Row => ['return orders.arrival(sibling) < orders.arrival(slot);', to, 'one of the two counts, whichever'],
    ),
  ),
  ...of(
    'services/engine/src/domain/placing.ts',
    [
      'if (book === undefined || reasons.some((reason) => reason !== Reason.none)) {',
      'false',
      'without a book there is a reason',
    ],
    ['orders.setChild(entry, NONE);', ';', 'the entry has ended'],
    ['orders.setLocation(exit, Location.nowhere);', ';', 'what is held stands in nothing either'],
    ['orders.setFlags(slot, 0);', ';', 'nobody asks a refused order for its flags'],
    [
      'if (whole !== Reason.none && reasons.every((reason) => reason === Reason.none)) return orders.map(() => whole);',
      'true',
      'no reason is none for each',
    ],
  ),
  ...of('services/engine/src/domain/order-list.ts', [
    'orders.setNext(slot, NONE);',
    ';',
    'a new row has no neighbours',
  ]),
  ...of('services/engine/src/domain/queries.ts', [
    'if (depth.length >= maxLevels) return false;',
    'true',
    'it only walks on',
  ]),
  ...of('services/engine/src/domain/session.ts', [
    'case Phase.pre_open:',
    'case Phase.pre_open:',
    'the switch ends there',
  ]),
  ...of(
    'services/engine/src/domain/stops.ts',
    [
      'if (buyStops.best === NONE && sellStops.best === NONE && trailing.head === NONE) return;',
      'false',
      'the first look only spares the others',
    ],
    ...[
      'while (buyStops.best !== NONE && -levels.key[buyStops.best]! <= price) {',
      'while (sellStops.best !== NONE && levels.key[sellStops.best]! >= price) {',
    ].map((line): Row => [line, 'true', 'no level has no price']),
    ...[
      ['price > trailing.raiseAbove ||', 'true'],
      ['price > trailing.raiseAbove ||', 'price >= trailing.raiseAbove'],
      ['price < trailing.lowerBelow ||', 'price <= trailing.lowerBelow'],
      ['Object.assign(trailing, noTrailing);', ';'],
      ['trailing.lowerBelow = Math.max(trailing.lowerBelow, highWater === 0 ? Infinity : highWater);', 'true'],
    ].map(([line, to]): Row => [line!, to, 'the bounds only spare a look']),
    ...['true', 'highWater >= 0', 'highWater - trail'].map(
      (to): Row => [
        'if (highWater > 0) trailing.triggerAtOrAbove = Math.min(trailing.triggerAtOrAbove, highWater + trail);',
        to,
        'the bounds only spare a look',
      ],
    ),
    ...['true', 'highWater >= 0', 'highWater + trail'].map(
      (to): Row => [
        'if (highWater > 0) trailing.triggerAtOrBelow = Math.max(trailing.triggerAtOrBelow, highWater - trail);',
        to,
        'the bounds only spare a look',
      ],
    ),
    ...['price <= highWater', 'price >= highWater'].map(
      (to): Row => [
        'const better = orders.side(slot) === Side.buy ? price < highWater : price > highWater;',
        to,
        'what is as high is written as it was',
      ],
    ),
  ),
  ...of('services/engine/src/domain/uuid.ts', [
    'a: wordOf(text.slice(0, 8)),',
    'text',
    'what is read ends at the stroke',
  ]),
];
