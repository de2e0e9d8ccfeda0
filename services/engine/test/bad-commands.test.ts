import { Command } from '@andvari/proto/engine/v1/commands';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPartition, type Partition, take } from '../src/partition/partition.ts';
import { cancel, commandEvent, idOf, limit, opening, UNIT } from './commands.ts';

const SUBJECT = 'cmd.0.ACME';

function opened(): Partition {
  const partition = createPartition(0);
  for (const { subject, payload } of opening('ACME')) read(partition, payload, subject);
  return partition;
}

/** Reads one message and returns what is to be stored because of it, each as its subject and headers. */
function read(partition: Partition, payload: Uint8Array, subject = SUBJECT) {
  const sequence = partition.read + 1;
  const before = partition.pending.length;
  take(partition, { sequence, atUs: sequence * 10, subject, payload });
  expect(partition.read).toBe(sequence);
  return partition.pending.slice(before).flatMap(({ messages }) => messages);
}

const int64s = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, UNIT, 100n * UNIT, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const codes = fc.oneof(fc.integer({ min: 0, max: 7 }), fc.constantFrom(-1, 99, 2 ** 31 - 1)) as fc.Arbitrary<never>;
const texts = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((n) => idOf(`order ${n}`)),
  fc.constantFrom('', ' ', '\0', 'cmd.0.>', '\r\nPUB x 0\r\n', '💥'.repeat(99), 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  fc.string(),
);
const anyOrder = fc.record({
  orderId: texts,
  accountId: texts,
  userId: texts,
  side: codes,
  type: codes,
  timeInForce: codes,
  qty: int64s,
  limitPx: int64s,
  stopPx: int64s,
  trailAmount: int64s,
  trailPercent: int64s,
  postOnly: fc.boolean(),
  collarPx: int64s,
  collarOffset: int64s,
});
const levels = fc.array(fc.record({ px: int64s, qty: int64s }), { maxLength: 20 });
const replacement = {
  orderId: texts,
  newOrderId: texts,
  accountId: texts,
  userId: texts,
  qty: int64s,
  limitPx: int64s,
  stopPx: int64s,
  trailAmount: int64s,
  trailPercent: int64s,
};
/** Half of them have owners that can be read, so that the engine gets to see the rest. */
const ids = fc.constantFrom(...[1, 2, 3].map((n) => idOf(`owner ${n}`)));
const readable = fc
  .tuple(anyOrder, ids, fc.integer({ min: 1, max: 9 }))
  .map(([order, owner, n]) => ({ ...order, orderId: idOf(`order ${n}`), accountId: owner, userId: owner }));
const orders = fc.oneof(anyOrder, readable);

const bodies: fc.Arbitrary<Command['body']> = fc.oneof(
  orders.map((value) => ({ $case: 'placeOrder', value }) as const),
  fc
    .record({ groupId: texts, type: codes, legs: fc.array(orders, { maxLength: 4 }) })
    .map((value) => ({ $case: 'placeGroup', value }) as const),
  fc
    .record({ orderId: texts, accountId: ids, userId: ids, byOperator: fc.boolean() })
    .map((value) => ({ $case: 'cancelOrder', value }) as const),
  fc
    .record({ ...replacement, accountId: ids, userId: ids })
    .map((value) => ({ $case: 'replaceOrder', value }) as const),
  fc
    .record({ bids: levels, asks: levels, accountId: ids, userId: ids, referencePx: int64s })
    .map((value) => ({ $case: 'quote', value }) as const),
  fc
    .record({ tick: int64s, tickBelowOne: int64s, lot: int64s })
    .map((value) => ({ $case: 'defineInstrument', value }) as const),
  fc.record({ session: codes }).map((value) => ({ $case: 'setSession', value }) as const),
  fc.record({ halted: fc.boolean(), reason: texts }).map((value) => ({ $case: 'setHalt', value }) as const),
  fc.constant(undefined),
);

/** A command's bytes, whole, cut short or with one of them changed. */
const payloads = fc
  .record({
    body: bodies,
    symbol: fc.oneof({ weight: 5, arbitrary: fc.constant('ACME') }, { weight: 1, arbitrary: texts }),
    damage: fc.constantFrom('none', 'none', 'cut', 'flip'),
    at: fc.nat(),
  })
  .map(({ body, symbol, damage, at }) => {
    const bytes = Command.encode({ symbol, body }).finish();
    if (damage === 'cut') return bytes.subarray(0, at % (bytes.length + 1));
    if (damage === 'flip' && bytes.length > 0) {
      const flipped = bytes.slice();
      flipped[at % bytes.length] = flipped[at % bytes.length]! ^ (1 << (at % 8));
      return flipped;
    }
    return bytes;
  });

test('whatever the bytes are, the log goes on, and what comes out can be stored', () => {
  const partition = opened();
  fc.assert(
    fc.property(fc.oneof(payloads, payloads, payloads, fc.uint8Array()), (payload) => {
      for (const { subject, payload: stored } of read(partition, payload)) {
        expect(subject).toMatch(/^(exec\.\d+\.[0-9a-f-]{36}\.[a-z_]+|dead\.engine-0\.cmd\.0\.ACME)$/);
        expect(stored.length).toBeLessThan(600 * 1024);
      }
    }),
    { numRuns: process.env['ANDVARI_LONG'] === '1' ? 1_000_000 : 10_000 },
  );
  const [answer] = read(partition, limit('ACME', { order: 'after all that', px: 1n }).payload);
  expect(answer?.subject).toMatch(/\.(new|rejected)$/);
}, 600_000);

const dead: [string, Uint8Array, string, string][] = [
  ['no bytes at all', new Uint8Array(), SUBJECT, 'the subject is that of another symbol'],
  ['garbage', Buffer.from('ff00ff', 'hex'), SUBJECT, 'the bytes are no command'],
  ['half a command', limit('ACME', { order: 'x' }).payload.subarray(0, 60), SUBJECT, 'the bytes are no command'],
  ['no body', Command.encode({ symbol: 'ACME', body: undefined }).finish(), SUBJECT, 'the command is empty'],
  ['another symbol’s command', cancel('OTHER', 'x').payload, SUBJECT, 'the subject is that of another symbol'],
  [
    'an order id that is none',
    limit('ACME', { order: 'x', terms: { orderId: "1'; drop table orders" } }).payload,
    SUBJECT,
    'order_id is no UUID',
  ],
  ['an empty group', group([]), SUBJECT, 'the group has no legs'],
  [
    'a group of two owners',
    group([ownedBy('one'), ownedBy('another')]),
    SUBJECT,
    'the legs belong to different owners',
  ],
  [
    'a symbol that would be a wildcard',
    commandEvent('ACME', { $case: 'defineInstrument', value: { tick: 1n, tickBelowOne: 1n, lot: 1n } }).payload.map(
      (byte, at, all) => (at > 1 && at < 6 ? '*'.charCodeAt(0) : (all[at] ?? byte)),
    ),
    'cmd.0.****',
    'the symbol can be no part of a subject',
  ],
];

test.each(dead)('%s becomes a dead letter', (_, payload, subject, why) => {
  const letters = read(opened(), payload, subject);
  expect(letters).toMatchObject([{ subject: `dead.engine-0.${subject}`, headers: { 'dead-letter-error': why } }]);
});

test('a letter longer than a server takes is cut, and says so', () => {
  const payload = Buffer.alloc(1024 * 1024, 0xff);
  const subject = `cmd.0.${'X'.repeat(4000)}`;
  const [letter] = read(opened(), payload, subject);
  expect(letter?.subject.length).toBeLessThan(256);
  expect(letter?.payload.length).toBe(512 * 1024);
  expect(letter?.headers).toMatchObject({ 'dead-letter-cut-from': String(payload.length) });
});

function ownedBy(name: string) {
  const { payload } = limit('ACME', { order: name, user: name });
  const { body } = Command.decode(payload);
  if (body?.$case !== 'placeOrder') throw new Error('no order');
  return body.value;
}

function group(legs: ReturnType<typeof ownedBy>[]): Uint8Array {
  return commandEvent('ACME', { $case: 'placeGroup', value: { groupId: idOf('group'), type: 2, legs } }).payload;
}
