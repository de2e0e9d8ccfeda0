import { expect, test } from 'vitest';
import {
  createReader,
  createWriter,
  hashBytes,
  readBigInt,
  readInt,
  readNumber,
  readText,
  writeBigInt,
  writeByte,
  writeInt,
  writeNumber,
  writeText,
  writtenBytes,
} from '../src/domain/bytes.ts';
import { inOneShape } from '../src/domain/command.ts';
import { addProduct, averagePrice, notionalAt } from '../src/domain/notional.ts';
import { houseOrderId } from '../src/domain/quoting.ts';
import { restore, snapshot, stateHash } from '../src/domain/snapshot.ts';
import { formatUuid, isUuid, parseUuid } from '../src/domain/uuid.ts';
import { cancel, engine, id, instrument, limit, owner, phase, quote, run } from './flow.ts';

test('what is written is read again, however often the buffer had to grow', () => {
  const writer = createWriter(1);
  writeByte(writer, 7);
  writeInt(writer, -2);
  writeNumber(writer, 2 ** 53 - 1);
  writeBigInt(writer, -(2n ** 63n));
  writeText(writer, 'Ännchen');
  writeInt(writer, 2 ** 31 - 1);
  const bytes = writtenBytes(writer);
  expect(bytes.length).toBe(1 + 4 + 8 + 8 + (4 + 8) + 4);
  // From the middle of a larger buffer, as it may come out of a stream.
  const reader = createReader(new Uint8Array([0, 0, 0, ...bytes, 0]).subarray(4));
  expect([readInt(reader), readNumber(reader), readBigInt(reader), readText(reader), readInt(reader)]).toEqual([
    -2,
    2 ** 53 - 1,
    -(2n ** 63n),
    'Ännchen',
    2 ** 31 - 1,
  ]);
  expect(reader.at).toBe(bytes.length - 1);
});

test('numbers lie there with their lowest byte first', () => {
  const writer = createWriter(64);
  writeInt(writer, 1);
  writeNumber(writer, 1);
  writeBigInt(writer, 1n);
  expect([...writtenBytes(writer)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 1, 0, 0, 0, 0, 0, 0, 0]);
});

test('a buffer grows to twice its size, or to what is asked for', () => {
  const writer = createWriter(8);
  writeNumber(writer, 1);
  expect(writer.view.byteLength).toBe(8);
  writeByte(writer, 1);
  expect(writer.view.byteLength).toBe(16);
  writeText(writer, 'x'.repeat(100));
  expect(writer.view.byteLength).toBe(9 + 4 + 100);
});

/** Hashes stand in snapshots that are kept: they are the same in every release. */
test.each([
  ['', '373f36f0c31fcee6'],
  ['a', '4af2a883316a0712'],
  ['abcd', '7b34a8d700a4c186'],
  ['abcdefg', '92a5639a3718eec4'],
  ['the quick brown fox jumps over the lazy dog', '3ae21fdecad9dfd3'],
])('the hash of %o is %s', (text, hash) => {
  expect(hashBytes(new TextEncoder().encode(text))).toBe(hash);
});

test('so are snapshots', () => {
  expect(hashBytes(snapshot(engine()))).toBe('e52f0bd2981bdb9f');
});

test.each([
  ['nothing', new Uint8Array(), 'corrupt'],
  ['too little for a trailer', snapshot(engine()).subarray(0, 23), 'corrupt'],
  [
    'a hash that is not its own',
    snapshot(engine()).map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte)),
    'corrupt',
  ],
  ['another format', sealed((bytes) => bytes.setInt32(0, 1, true)), 'corrupt'],
  ['a version from the future', sealed((bytes) => bytes.setInt32(4, 3, true)), 'unknown_version'],
  ['one that says no more than that', sealed((bytes) => bytes.setInt32(4, 3, true), 8), 'unknown_version'],
  ['one that does not even say that', sealed(() => undefined, 4), 'corrupt'],
])('%s is no snapshot', (_, bytes, why) => {
  expect(restore(bytes)).toEqual({ ok: false, why });
});

/** Changed, cut to so many bytes, and with the hash of what is left. */
function sealed(change: (view: DataView) => void, length = snapshot(engine()).length - 16): Uint8Array {
  const bytes = snapshot(engine()).slice(0, length + 16);
  const body = bytes.subarray(0, length);
  change(new DataView(body.buffer));
  bytes.set(new TextEncoder().encode(hashBytes(body)), length);
  return bytes;
}

test('the hash of a state is what its snapshot ends with', () => {
  const state = engine();
  expect(stateHash(state)).toBe(new TextDecoder().decode(snapshot(state).subarray(-16)));
});

test('a revived state knows the ids of its orders, and of the house’s none', () => {
  const state = engine();
  run(state, instrument, phase('open'), limit(1, 'buy', 5, 100), limit(2, 'buy', 5, 99), quote([[98, 5]], [[110, 5]]));
  const restored = restore(snapshot(state));
  expect(restored).toMatchObject({ ok: true, state: { ids: { live: 2 }, orders: { live: 4 } } });
});

const uuids: [text: string, a: number, b: number, c: number, d: number][] = [
  ['00000000-0000-0000-0000-000000000000', 0, 0, 0, 0],
  ['01234567-89ab-cdef-0123-456789abcdef', 0x01234567, 0x89abcdef | 0, 0x01234567, 0x89abcdef | 0],
  ['00112233-4455-6677-8899-aabbccddeeff', 0x00112233, 0x44556677, 0x8899aabb | 0, 0xccddeeff | 0],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', -1, -1, -1, -1],
];

test.each(uuids)('%s is four words and back', (text, a, b, c, d) => {
  expect(parseUuid(text)).toEqual({ a, b, c, d });
  expect(parseUuid(text.toUpperCase())).toEqual({ a, b, c, d });
  expect(formatUuid({ a, b, c, d })).toBe(text);
});

test.each([
  '',
  '0123456789abcdef0123456789abcdef',
  ' 01234567-89ab-cdef-0123-456789abcdef',
  '01234567-89ab-cdef-0123-456789abcdef ',
  '01234567-89ab-cdef-0123-456789abcdeg',
  '1234567-89ab-cdef-0123-456789abcdef',
  '01234567-9ab-cdef-0123-456789abcdef',
  '01234567-89ab-def-0123-456789abcdef',
  '01234567-89ab-cdef-123-456789abcdef',
  '01234567-89ab-cdef-0123-56789abcdef',
])('%o is no id', (text) => {
  expect(parseUuid(text)).toBeUndefined();
});

test.each(['a', 'b', 'c', 'd'])('words are whole, each: %s', (word) => {
  const uuid = { a: 1, b: 2, c: 3, d: 4 };
  expect(isUuid(uuid)).toBe(true);
  for (const bad of [0.5, 2 ** 31, Number.NaN]) expect(isUuid({ ...uuid, [word]: bad })).toBe(false);
});

test.each([
  [0, 0, 0, 0, '686f7573-0000-8000-8000-000000000000'],
  [3, 5, 1, 2, '686f7573-0003-8102-8000-000000000005'],
  [0xffff, 2 ** 40 + 7, 0, 15, '686f7573-ffff-800f-8000-010000000007'],
] as const)(
  'the house’s order in partition %d, command %d, side %d, level %d is %s',
  (partition, sequence, side, level, text) => {
    expect(formatUuid(houseOrderId(partition, sequence, side, level))).toBe(text);
  },
);

const LIMB = 2 ** 26;
const fills: [rule: string, fills: [price: number, qty: number][]][] = [
  ['nothing', []],
  [
    'small ones',
    [
      [3, 5],
      [7, 11],
    ],
  ],
  [
    'one that fills the low limb',
    [
      [LIMB - 1, 1],
      [1, 1],
    ],
  ],
  [
    'and the middle one',
    [
      [LIMB, LIMB - 1],
      [LIMB, 1],
    ],
  ],
  [
    'both at once',
    [
      [LIMB * LIMB - 1, 1],
      [1, 1],
    ],
  ],
  ['the largest', [[2 ** 53 - 1, 2 ** 52 - 1]]],
  [
    'the largest a few times',
    [
      [2 ** 53 - 1, 2 ** 50],
      [2 ** 53 - 1, 2 ** 50],
      [2 ** 53 - 1, 2 ** 51],
    ],
  ],
  [
    'uneven ones',
    [
      [9_007_199_254_740_881, 1_234_567_890_123],
      [123_456_789, 987_654_321],
      [5_000_000_007, 3],
    ],
  ],
];

test.each(fills)('the sum of price x quantity is exact for both orders: %s', (_, traded) => {
  const cells = new Float64Array(8);
  for (const [price, qty] of traded) addProduct(cells, 1, 5, price, qty);
  const exact = traded.reduce((sum, [price, qty]) => sum + BigInt(price) * BigInt(qty), 0n);
  expect([notionalAt(cells, 1), notionalAt(cells, 5)]).toEqual([exact, exact]);
  expect(cells.every((cell, at) => cell >= 0 && cell < ([1, 2, 5, 6].includes(at) ? LIMB : 2 ** 53))).toBe(true);
});

test.each([
  [0n, 0, 0],
  [10n, 2, 5],
  [10n, 4, 2],
  [14n, 4, 4],
  [11n, 4, 3],
  [9n, 4, 2],
  [7n, 3, 2],
  [8n, 3, 3],
])('the average of %d over %d is %d: half to even', (notional, qty, average) => {
  expect(averagePrice(notional, qty)).toBe(average);
});

test('a command of any kind has the fields of all, and says the same', () => {
  const bodies = [limit(1, 'buy', 5, 100), cancel(1)];
  const shapes = bodies.map((body) => inOneShape({ ...body, sequence: 1, at: 2 }));
  expect(Object.keys(shapes[0]!)).toEqual(Object.keys(shapes[1]!));
  expect(shapes[0]).toMatchObject(bodies[0]!);
  expect(shapes[1]).toMatchObject(bodies[1]!);
  const [one, other] = [engine(), engine()];
  expect(run(one, ...bodies.map((body) => inOneShape({ ...body, sequence: 0, at: 0 })))).toEqual(run(other, ...bodies));
});

test('what a command does not say is nothing: no operator asked for it, and no number is a number', () => {
  const none = { a: 0, b: 0, c: 0, d: 0 };
  const unset = Number.NaN;
  expect(inOneShape({ ...cancel(1), sequence: 1, at: 2 })).toEqual({
    kind: 'cancel',
    sequence: 1,
    at: 2,
    symbol: 'ACME',
    ...owner(1),
    orderId: id(1),
    newOrderId: none,
    byOperator: false,
    side: 0,
    type: 0,
    timeInForce: 0,
    postOnly: false,
    qty: unset,
    limitPrice: unset,
    stopPrice: unset,
    trailAmount: unset,
    trailPpm: unset,
    collarOffset: unset,
    group: 0,
    orders: [],
    reference: unset,
    bids: [],
    asks: [],
    tick: unset,
    tickBelowOne: unset,
    lot: unset,
    phase: 0,
    halted: false,
    ratioTo: unset,
    ratioFrom: unset,
  });
  expect(inOneShape({ kind: 'set_halt', sequence: 1, at: 2, symbol: 'ACME', halted: true })).toMatchObject({
    accountId: none,
    userId: none,
    orderId: none,
  });
});
