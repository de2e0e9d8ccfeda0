import { type Equivalent, of, type Row } from './equivalent.ts';

export const kitEquivalents: readonly Equivalent[] = [
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
  ...of(
    'packages/kit/src/outbox/relay.ts',
    ['if (early > 0.5 && !flushing) await pause(early);', 'early >= 0.5', 'a time that is never exactly that'],
    [
      'quiet === 0 && performance.now() < noteAt ? undefined : note(),',
      'performance.now() <= noteAt',
      'a time that is never exactly that',
    ],
  ),
  ...of('packages/kit/src/inbox/consumer.ts', [
    'if (Date.now() - startedAt > 5000) failures = 0;',
    'Date.now() - startedAt >= 5000',
    'a millisecond more or less of a pause that is drawn by lot',
  ]),
  ...of('packages/kit/src/inbox/consumer.ts', [
    'const done = await turns.next(applyLetters).catch(() => false);',
    '() => undefined',
    'it is only asked whether it is true',
  ]),
];
